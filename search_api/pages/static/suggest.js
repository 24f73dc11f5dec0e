// Suggestions while somebody types: the search box becomes the combobox with a listbox of the WAI-ARIA Authoring Practices.
// What is shown comes from documents: it is set as text, never as markup. Without this file the box is a plain search box.

const PAUSE = 120; // milliseconds without a letter before the server is asked
const OPENED = ["number", "title"]; // kinds that lead to a document; the others are searched for

const box = document.getElementById("q");
const list = element("ul", { id: "goi-y", class: "suggestions", role: "listbox", "aria-label": "Gợi ý", hidden: "" });
const status = element("p", { class: "unseen", role: "status" });

let items = []; // as the server sent them, in the order of the list's options
let active = -1; // the place of the option that the arrow keys are at; -1: the box itself
let waiting; // the timer until the next request
let asking; // the controller of the request under way

function element(name, attributes) {
  const made = document.createElement(name);
  Object.entries(attributes).forEach(([attribute, value]) => made.setAttribute(attribute, value));
  return made;
}

function stop() {
  clearTimeout(waiting);
  asking?.abort();
}

function close() {
  stop();
  items = [];
  list.hidden = true;
  list.replaceChildren();
  status.textContent = "";
  box.setAttribute("aria-expanded", "false");
  point(-1);
}

function later() {
  stop();
  if (box.value.trim()) waiting = setTimeout(ask, PAUSE);
  else close();
}

async function ask() {
  stop();
  const { signal } = (asking = new AbortController());
  try {
    const response = await fetch(`/api/v1/suggest?${new URLSearchParams({ q: box.value })}`, { signal });
    if (!response.ok) return;
    const { suggestions } = await response.json();
    if (!signal.aborted) show(suggestions);
  } catch {
    // no answer, or one that came too late: the box stays as it is
  }
}

function show(suggestions) {
  items = suggestions;
  list.replaceChildren(...items.map(option));
  list.hidden = !items.length;
  list.scrollTop = 0;
  box.setAttribute("aria-expanded", String(!list.hidden));
  status.textContent = items.length ? `${items.length} gợi ý` : "Không có gợi ý";
  point(-1);
}

function option({ kind, text }, place) {
  const made = element("li", { id: `goi-y-${place}`, role: "option", "aria-selected": "false" });
  const [said, does] = [element("span", { class: "said" }), element("span", { class: "does" })];
  said.textContent = text;
  does.textContent = OPENED.includes(kind) ? "Mở văn bản" : "Tìm";
  made.append(said, " ", does);
  made.addEventListener("click", () => choose(place));
  return made;
}

function point(place) {
  list.children[active]?.setAttribute("aria-selected", "false");
  active = place;
  const chosen = list.children[active];
  chosen?.setAttribute("aria-selected", "true");
  chosen?.scrollIntoView({ block: "nearest" });
  if (chosen) box.setAttribute("aria-activedescendant", chosen.id);
  else box.removeAttribute("aria-activedescendant");
}

function choose(place) {
  const { kind, text, url } = items[place];
  close();
  const address = new URL(url, location.href);
  if (OPENED.includes(kind) && address.origin === location.origin) {
    location.assign(address);
  } else {
    box.value = text;
    box.form.requestSubmit();
  }
}

// The box itself is one stop of the round: after the last option and before the first.
function move(step) {
  const stops = items.length + 1;
  point(((active + 1 + step + stops) % stops) - 1);
}

function key(event) {
  // the keys of an input method are its own
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const open = !list.hidden;
  if (event.key === "ArrowDown" && !open && box.value.trim()) ask();
  else if (event.key === "ArrowDown" && open) move(1);
  else if (event.key === "ArrowUp" && open) move(-1);
  else if (event.key === "Enter" && active >= 0) choose(active);
  else if (event.key === "Escape" && open) close();
  else return;
  event.preventDefault();
}

Object.entries({
  role: "combobox",
  "aria-autocomplete": "list",
  "aria-controls": list.id,
  "aria-expanded": "false",
}).forEach(([attribute, value]) => box.setAttribute(attribute, value));
box.form.append(list, status);
box.addEventListener("input", later); // while an input method composes, too: keyboards of telephones compose every word
box.addEventListener("keydown", key);
box.addEventListener("blur", close);
box.form.addEventListener("submit", close);
list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus, also under a finger
