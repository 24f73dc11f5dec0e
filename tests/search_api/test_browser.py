"""The pages in a real browser: searching, narrowing, reading, on a desk and on a phone."""

import shutil
import threading

import pytest
import waitress
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from search_api.app import create_app

PHONE = {"deviceMetrics": {"width": 375, "height": 700, "pixelRatio": 2.0}}


@pytest.fixture(scope="module")
def address(desk):
    """The address of a server over the desk's documents."""
    server = waitress.create_server(create_app(desk.services), host="127.0.0.1", port=0, threads=2)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.trigger.pull_trigger(server.close)
    thread.join(10)


@pytest.fixture(scope="module", params=["desktop", "phone"])
def browser(request):
    """A headless Chromium, once wide and once as a phone; skipped, or failed with --require-browser, where there is none."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not program or not driver:
        reason = "chromium or chromedriver is not installed (Debian packages chromium, chromium-driver)"
        (pytest.fail if request.config.getoption("--require-browser") else pytest.skip)(reason)
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900"):
        options.add_argument(argument)
    if request.param == "phone":
        options.add_experimental_option("mobileEmulation", PHONE)
    started = webdriver.Chrome(options=options, service=Service(driver))
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


def test_the_box_is_a_combobox_where_there_are_suggestions(browser, address):
    """The browser itself makes the box with its list a combobox, named by its label, and takes the list's options."""
    browser.get(f"{address}/?q=quy+hoach+su")
    box = browser.find_element(By.ID, "q")
    assert (box.aria_role, box.accessible_name) == ("combobox", "Từ cần tìm, hoặc số, ký hiệu văn bản")
    offered = browser.execute_script("return Array.from(document.querySelector('#q').list.options, option => option.value)")
    assert offered == ["Về việc phê duyệt quy hoạch sử dụng đất của huyện Cao Lộc"]
    assert _fits(browser)
