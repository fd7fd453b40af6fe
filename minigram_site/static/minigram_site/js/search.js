// Suggestions below the field of search while something is typed: a combobox with a list (WAI-ARIA
// Authoring Practices, "Editable Combobox With List Autocomplete"). Without this the form does it.

import { gettext, interpolate, ngettext } from "./words.js";

const SEARCH_WAIT_MS = 120;
const searchField = document.querySelector("input[data-search]");
const found = document.createElement("div");
const told = document.createElement("p");
let searchTimer = 0;
let searching = null; // aborts the request that is on its way

if (searchField) {
  found.id = "search-suggestions";
  found.className = "search-list";
  found.hidden = true;
  found.setAttribute("role", "listbox");
  found.setAttribute("aria-label", gettext("Suggestions"));
  told.className = "hidden";
  told.setAttribute("aria-live", "polite");
  searchField.after(found);
  document.body.append(told);
  for (
    const [name, value] of Object.entries({
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": found.id,
    })
  ) searchField.setAttribute(name, value);

  searchField.addEventListener("input", () => {
    clearTimeout(searchTimer);
    searching?.abort();
    if (searchField.value.trim()) searchTimer = setTimeout(suggest, SEARCH_WAIT_MS);
    else closeFound();
  });
  searchField.addEventListener("focusout", () => {
    clearTimeout(searchTimer);
    searching?.abort();
    closeFound();
  });
  searchField.addEventListener("keydown", (event) => {
    if (found.hidden || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const option = activeOption();
    if (step) activate(step);
    else if (event.key === "Escape") closeFound();
    else if (event.key === "Enter" && option) location.assign(option.dataset.url);
    else return;
    event.preventDefault();
  });
  // The field keeps the focus, so that the list stays until the click has come.
  found.addEventListener("pointerdown", (event) => event.preventDefault());
  found.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.url);
  });
}

async function suggest() {
  searching = new AbortController();
  const address = `${searchField.dataset.search}?q=${encodeURIComponent(searchField.value)}`;
  const options = { headers: { "X-Requested-With": "fetch" }, signal: searching.signal };
  try {
    const response = await fetch(address, options);
    if (response.ok) openFound(await response.json());
    else closeFound();
  } catch (error) {
    // Whoever cannot be reached now is asked again at the next key; the form works as ever.
    if (error.name !== "AbortError") closeFound();
  }
}

function openFound({ people, tags }) {
  const groups = [groupOf(gettext("People"), people), groupOf(gettext("Tags"), tags)].filter(
    Boolean,
  );
  const number = people.length + tags.length;
  if (!number) {
    closeFound();
    return;
  }
  found.replaceChildren(...groups);
  found.querySelectorAll("[role=option]").forEach((option, place) => {
    option.id = `search-suggestion-${place}`;
  });
  found.hidden = false;
  searchField.setAttribute("aria-expanded", "true");
  searchField.removeAttribute("aria-activedescendant");
  told.textContent = interpolate(ngettext("%s suggestion.", "%s suggestions.", number), [number]);
}

function groupOf(label, rows) {
  if (!rows.length) return null;
  const group = document.createElement("div");
  const heading = document.createElement("p");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", label);
  heading.setAttribute("aria-hidden", "true");
  heading.textContent = label;
  group.append(heading, ...rows.map(optionOf));
  return group;
}

function optionOf({ name, detail, url, avatar }) {
  const option = document.createElement("div");
  const shown = document.createElement("bdi");
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  option.dataset.url = url;
  shown.textContent = name;
  if (detail) option.append(portraitOf(name, avatar));
  option.append(shown);
  if (detail && detail !== `@${name}`) {
    const small = document.createElement("small");
    small.dir = "auto"; // the "@" stays before the name
    small.textContent = detail;
    option.append(" ", small);
  }
  return option;
}

function portraitOf(name, avatar) {
  const portrait = document.createElement(avatar ? "img" : "span");
  portrait.className = avatar ? "avatar small" : "avatar small letter";
  if (avatar) {
    portrait.src = avatar;
    portrait.alt = "";
  } else {
    portrait.setAttribute("aria-hidden", "true");
    portrait.textContent = [...name][0].toUpperCase();
  }
  return portrait;
}

function activeOption() {
  return found.querySelector("[aria-selected=true]");
}

function activate(step) {
  const options = [...found.querySelectorAll("[role=option]")];
  const now = options.indexOf(activeOption());
  // Beyond either end nothing is chosen: Enter searches for what was typed.
  const next = options[now < 0 && step < 0 ? options.length - 1 : now + step];
  options[now]?.setAttribute("aria-selected", "false");
  next?.setAttribute("aria-selected", "true");
  next?.scrollIntoView({ block: "nearest" });
  if (next) searchField.setAttribute("aria-activedescendant", next.id);
  else searchField.removeAttribute("aria-activedescendant");
}

function closeFound() {
  found.hidden = true;
  found.replaceChildren();
  told.textContent = "";
  searchField.setAttribute("aria-expanded", "false");
  searchField.removeAttribute("aria-activedescendant");
}
