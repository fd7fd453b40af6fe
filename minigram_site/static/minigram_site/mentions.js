// Names of people while "@" and a beginning are typed: without this, text fields take them as text.
// Loaded when the first of these fields has the focus.
const TYPED = /(?:^|[\s([{"'“‘,;:])[@＠]([a-z0-9_.]{2,30})$/i;
const WAIT_MS = 120;
const suggestions = document.createElement("ul");
const spoken = document.createElement("p");
let field = null; // the text field with the list, while that is open
let waiting = 0;
let asked = 0;

suggestions.id = "mention-suggestions";
suggestions.className = "mentions";
suggestions.setAttribute("role", "listbox");
spoken.className = "hidden";
spoken.setAttribute("aria-live", "polite");
document.body.append(spoken);

document.addEventListener("input", ({ target }) => heed(target));
// What was typed while this was loaded.
heed(document.activeElement ?? document.body);

function heed(target) {
  if (!target.matches("textarea[data-mentions]")) return;
  clearTimeout(waiting);
  const name = typedName(target);
  if (name === null) closeList();
  else waiting = setTimeout(() => ask(target, name), WAIT_MS);
}
document.addEventListener("focusout", ({ target }) => {
  if (target.matches("textarea[data-mentions]")) {
    clearTimeout(waiting);
    asked++;
    closeList();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.target !== field || event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) move(step);
  else if (event.key === "Escape") closeList();
  else if (event.key === "Enter" || event.key === "Tab") choose(chosen());
  else return;
  event.preventDefault();
});
// Not "click": by then the field has lost the focus.
suggestions.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  const option = event.target.closest("li");
  if (option) choose(option);
});

function typedName(textarea) {
  const found = TYPED.exec(textarea.value.slice(0, textarea.selectionStart));
  return found && found[1];
}

async function ask(textarea, name) {
  const number = ++asked;
  const address = `${textarea.dataset.mentions}?q=${encodeURIComponent(name)}`;
  try {
    const response = await fetch(address, { headers: { "X-Requested-With": "fetch" } });
    const { people } = response.ok ? await response.json() : { people: [] };
    if (number === asked && typedName(textarea) === name) openList(textarea, people);
  } catch {
    // Whoever cannot be reached now is asked again at the next key.
    closeList();
  }
}

function openList(textarea, people) {
  if (!people.length) {
    closeList();
    return;
  }
  suggestions.replaceChildren(...people.map(({ username, name }, place) => {
    const option = document.createElement("li");
    const shown = document.createElement("bdi");
    option.id = `mention-${place}`;
    option.dataset.name = username;
    option.setAttribute("role", "option");
    shown.textContent = name === username ? "" : name;
    option.append(`@${username} `, shown);
    return option;
  }));
  field = textarea;
  suggestions.setAttribute("aria-label", gettext("People"));
  field.after(suggestions, spoken); // in a dialog nothing outside of it is read
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", suggestions.id);
  select(suggestions.firstChild);
  const found = ngettext(
    "%s person. Use the arrow keys to choose and Enter to pick.",
    "%s people. Use the arrow keys to choose and Enter to pick.",
    people.length,
  );
  spoken.textContent = interpolate(found, [people.length]);
}

function closeList() {
  field?.removeAttribute("aria-activedescendant");
  field?.removeAttribute("aria-controls");
  field = null;
  suggestions.remove();
  spoken.textContent = "";
}

function chosen() {
  return suggestions.querySelector("[aria-selected=true]");
}

function select(option) {
  chosen()?.setAttribute("aria-selected", "false");
  option.setAttribute("aria-selected", "true");
  field.setAttribute("aria-activedescendant", option.id);
}

function move(step) {
  const options = [...suggestions.children];
  select(options.at((options.indexOf(chosen()) + step) % options.length));
}

function choose(option) {
  const textarea = field;
  const end = textarea.selectionStart;
  const start = end - typedName(textarea).length;
  textarea.setRangeText(`${option.dataset.name} `, start, end, "end");
  closeList();
}
