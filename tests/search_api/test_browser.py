"""The pages in a real browser: searching, narrowing, reading, suggestions while one types, on a desk and on a phone."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import waitress
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from search_api.app import create_app

PHONE = {"deviceMetrics": {"width": 320, "height": 700, "pixelRatio": 2.0}}


@contextmanager
def _served(services) -> Iterator[str]:
    """Serve an application over `services` and yield its address."""
    server = waitress.create_server(create_app(services), host="127.0.0.1", port=0, threads=2)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.trigger.pull_trigger(server.close)
    thread.join(10)


@pytest.fixture(scope="module")
def address(desk):
    """The address of a server over the desk's documents."""
    with _served(desk.services) as served:
        yield served


@pytest.fixture(scope="module")
def suggesting(titled):
    """The address of a server over documents whose titles share subjects."""
    with _served(titled.services) as served:
        yield served


def _started(request, *, phone=False, script=True):
    """Return a headless Chromium; skip the test, or fail it with --require-browser, where there is none."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not program or not driver:
        reason = "chromium or chromedriver is not installed (Debian packages chromium, chromium-driver)"
        (pytest.fail if request.config.getoption("--require-browser") else pytest.skip)(reason)
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900"):
        options.add_argument(argument)
    if phone:
        options.add_experimental_option("mobileEmulation", PHONE)
    if not script:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    return webdriver.Chrome(options=options, service=Service(driver))


@pytest.fixture(scope="module", params=["desktop", "phone"])
def browser(request):
    """A browser, once wide and once as a narrow phone."""
    started = _started(request, phone=request.param == "phone")
    yield started
    started.quit()


@pytest.fixture
def plain_browser(request):
    """A browser that runs no script."""
    started = _started(request, script=False)
    yield started
    started.quit()


def _shows(browser, selector, text):
    """Wait until the element at `selector`, of the page that comes, has `text` in it."""
    waiting = WebDriverWait(browser, 15, ignored_exceptions=(NoSuchElementException, StaleElementReferenceException))
    return waiting.until(lambda page: text in page.find_element(By.CSS_SELECTOR, selector).text)


def _fits(browser):
    """Say whether the page can be read without scrolling sideways."""
    width, window = browser.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    return width <= window


def test_search_narrow_and_read(browser, address):
    """A reader types, narrows by type, opens the document, jumps to an article and goes back to the results."""
    browser.get(address)
    assert _fits(browser)
    box = browser.find_element(By.ID, "q")
    box.send_keys("quy hoạch sử dụng đất", Keys.ENTER)
    assert _shows(browser, "h1", "cho “quy hoạch sử dụng đất”")
    assert browser.find_elements(By.TAG_NAME, "mark")
    assert _fits(browser)

    browser.find_element(By.LINK_TEXT, "Quyết định").click()
    assert _shows(browser, ".filters", "Quyết định ×")
    assert _fits(browser)

    browser.find_element(By.CSS_SELECTOR, ".hit h2 a").click()
    assert _shows(browser, ".document h1", "12/2022/QĐ-UBND")
    assert _fits(browser)
    browser.find_element(By.PARTIAL_LINK_TEXT, "Điều 2").click()
    assert browser.execute_script("return document.querySelector(':target').id") == "dieu-2"
    browser.find_element(By.PARTIAL_LINK_TEXT, "Kết quả tìm").click()
    assert _shows(browser, "h1", "cho “quy hoạch")
    assert browser.find_element(By.ID, "q").get_attribute("value") == "quy hoạch sử dụng đất"


def test_dates_and_scope_go_with_the_search(browser, address):
    """Fields beside the results belong to the search form: dates as written here, articles instead of documents."""
    browser.get(f"{address}/?q=t%E1%BB%89nh")
    browser.find_element(By.ID, "from").send_keys("01/01/2023")
    browser.find_element(By.CSS_SELECTOR, 'input[value="provisions"]').click()
    browser.find_element(By.CSS_SELECTOR, ".narrow button").click()
    assert _shows(browser, ".filters", "từ 01/01/2023")
    labels = [label.text for label in browser.find_elements(By.CSS_SELECTOR, ".hit .label")]
    assert "Điều 1 – Quyết định 1182/QĐ-UBND" in labels
    assert not [label for label in labels if "2020" in label]


def test_the_style_sheet_is_obeyed_and_nothing_is_blocked(browser, address):
    """The policy lets the page's own style in, and the page asks for nothing else."""
    browser.get(address)
    colour = browser.execute_script("return getComputedStyle(document.querySelector('.top')).backgroundColor")
    assert colour == "rgb(18, 57, 91)"
    asked = browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert all(name.startswith(address) for name in asked)


def test_the_keyboard_reaches_the_content(browser, address):
    """The first tab stop is the link that skips the header."""
    browser.get(address)
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    assert browser.switch_to.active_element.text == "Đến nội dung chính"
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    assert browser.switch_to.active_element.get_attribute("id") == "noi-dung"


def _type(browser, address, text):
    """Type into the search box and return it with the options that come, as (text, what choosing does)."""
    browser.get(address)
    box = browser.find_element(By.ID, "q")
    box.send_keys(text)
    assert _shows(browser, "[role=status]", "gợi ý")
    found = browser.find_elements(By.CSS_SELECTOR, "[role=option]")
    return box, [tuple(part.text for part in option.find_elements(By.TAG_NAME, "span")) for option in found]


def test_typing_suggests(browser, suggesting):
    """The box is a combobox named by its label; the list below it says what choosing does, and its length is told."""
    box, offered = _type(browser, suggesting, "quy hoạch sử d")
    assert (box.aria_role, box.accessible_name) == ("combobox", "Từ cần tìm, hoặc số, ký hiệu văn bản")
    assert offered[0] == ("quy hoạch sử dụng đất", "Tìm")
    assert ("Điều chỉnh quy hoạch sử dụng đất và kế hoạch sử dụng đất năm 2024", "Mở văn bản") in offered
    assert box.get_attribute("aria-expanded") == "true"
    assert browser.find_element(By.CSS_SELECTOR, "[role=status]").get_attribute("textContent") == f"{len(offered)} gợi ý"
    assert _fits(browser)


def test_arrows_and_enter_open_the_document(browser, suggesting):
    """The option at which the arrows are is the active descendant; a number leads to its document."""
    box, offered = _type(browser, suggesting, "12/202")
    box.send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    active = browser.find_element(By.ID, box.get_attribute("aria-activedescendant"))
    assert active.get_attribute("aria-selected") == "true"
    assert active.text.startswith("12/2022/QĐ-UBND")
    box.send_keys(Keys.ARROW_UP, Keys.ARROW_UP)  # past the first: the box itself
    assert box.get_attribute("aria-activedescendant") is None
    box.send_keys(Keys.ARROW_DOWN, Keys.ENTER)
    assert _shows(browser, ".document h1", offered[0][0])


def test_a_subject_that_is_chosen_is_searched_for(browser, suggesting):
    """A click or a tap puts it into the box and searches."""
    _type(browser, suggesting, "quy hoạch sử d")
    browser.find_element(By.CSS_SELECTOR, "[role=option]").click()
    assert _shows(browser, "h1", "cho “quy hoạch sử dụng đất”")


def test_escape_closes_the_list_and_keeps_the_words(browser, suggesting):
    """After that Enter searches for what is typed."""
    box, _ = _type(browser, suggesting, "quy hoạch sử d")
    box.send_keys(Keys.ESCAPE)
    assert not browser.find_element(By.CSS_SELECTOR, "[role=listbox]").is_displayed()
    assert (box.get_attribute("aria-expanded"), box.get_attribute("value")) == ("false", "quy hoạch sử d")
    box.send_keys(Keys.ENTER)
    assert _shows(browser, "h1", "cho “quy hoạch sử d”")


def test_markup_in_a_title_is_shown_as_text(browser, suggesting):
    """It makes no element, here or on the page that it leads to."""
    _, offered = _type(browser, suggesting, "thẻ lạ")
    assert ("Về thẻ lạ <img src=x onerror=document.title='x'>", "Mở văn bản") in offered
    assert not browser.find_elements(By.CSS_SELECTOR, "[role=listbox] img")


def test_an_input_method_keeps_its_keys(browser, suggesting):
    """What it composes is suggested for, as on a telephone; its arrow keys choose none of the suggestions."""
    browser.get(suggesting)
    shown, active = browser.execute_async_script("""
        const done = arguments[0], box = document.getElementById("q");
        box.focus();
        box.value = "quy hoạch sử d";
        box.dispatchEvent(new InputEvent("input", {isComposing: true}));
        setTimeout(() => {
            box.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowDown", isComposing: true}));
            done([document.querySelectorAll("[role=option]").length, box.getAttribute("aria-activedescendant")]);
        }, 900);
    """)
    assert shown
    assert not active


def test_an_answer_that_fails_leaves_the_box_as_it_is(browser, suggesting):
    """Neither a message nor a list; the words stay, and Enter searches."""
    browser.get(suggesting)
    browser.execute_script("window.fetch = () => Promise.reject(new TypeError('offline'))")
    box = browser.find_element(By.ID, "q")
    box.send_keys("quy hoạch")
    browser.execute_async_script("setTimeout(arguments[0], 400)")
    assert not browser.find_element(By.CSS_SELECTOR, "[role=listbox]").is_displayed()
    assert browser.find_element(By.CSS_SELECTOR, "[role=status]").get_attribute("textContent") == ""
    box.send_keys(Keys.ENTER)
    assert _shows(browser, "h1", "cho “quy hoạch”")


def test_the_latest_answer_wins(browser, suggesting):
    """An answer to fewer letters that comes after the next question is not shown."""
    browser.get(suggesting)
    browser.execute_script("""
        window.real = window.fetch;
        window.fetch = async (address, options) => {
            const answer = await window.real(address);  // on the way whatever becomes of the question
            if (!address.includes("12")) await new Promise(resolve => setTimeout(resolve, 700));
            return answer;
        };
    """)
    box = browser.find_element(By.ID, "q")
    box.send_keys("quy hoạch")
    browser.execute_async_script("setTimeout(arguments[0], 300)")
    box.clear()
    box.send_keys("12/202")
    assert _shows(browser, "[role=status]", "gợi ý")
    browser.execute_async_script("setTimeout(arguments[0], 900)")
    assert browser.find_element(By.CSS_SELECTOR, "[role=option]").text.startswith("12/2023/QĐ-UBND")


def test_without_script_the_page_searches(plain_browser, suggesting):
    """The box is a plain search box."""
    plain_browser.get(suggesting)
    box = plain_browser.find_element(By.ID, "q")
    assert box.get_attribute("role") is None
    box.send_keys("quy hoạch sử dụng đất", Keys.ENTER)
    assert _shows(plain_browser, "h1", "cho “quy hoạch sử dụng đất”")
