// People after "@" and tags after "#", while they are typed: without this, text fields take them as text.
// Loaded when the first of these fields has the focus.
const PERSON = /(?:^|[\s([{"'“‘,;:])[@＠]([a-z0-9_.]{2,30})$/i;
const TAG = /(?:^|[\s([{"'“‘,;:])[#＃]([\p{L}\p{N}\p{M}_]{2,50})$/u;
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
  const typed = typedIn(target);
  if (typed) waiting = setTimeout(() => ask(target, typed), WAIT_MS);
  else closeList();
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

// What is being typed: the name without its sign, and what it is to be; null for other text.
function typedIn(textarea) {
  const before = textarea.value.slice(0, textarea.selectionStart);
  const person = PERSON.exec(before);
  const tag = person ? null : TAG.exec(before);
  if (!person && !tag) return null;
  return { name: (person ?? tag)[1], isTag: Boolean(tag) };
}

// Rows of the list: what is put into the text, and what is said of it beside.
async function found({ dataset }, { name, isTag }) {
  const address = isTag ? `${dataset.tags}?q=%23` : `${dataset.mentions}?q=`;
  const headers = { "X-Requested-With": "fetch" };
  const response = await fetch(address + encodeURIComponent(name), { headers });
  const { people = [], tags = [] } = response.ok ? await response.json() : {};
  if (isTag) return tags.map((tag) => ({ name: tag.name.slice(1), shown: tag.name, beside: "" }));
  return people.map(({ username, name: full }) => ({
    name: username,
    shown: `@${username}`,
    beside: full === username ? "" : full,
  }));
}

async function ask(textarea, typed) {
  const number = ++asked;
  try {
    const rows = await found(textarea, typed);
    if (number === asked && typedIn(textarea)?.name === typed.name) {
      openList(textarea, rows, typed.isTag);
    }
  } catch {
    // Whoever cannot be reached now is asked again at the next key.
    closeList();
  }
}

function openList(textarea, rows, isTag) {
  if (!rows.length) {
    closeList();
    return;
  }
  suggestions.replaceChildren(...rows.map(({ name, shown, beside }, place) => {
    const option = document.createElement("li");
    const word = document.createElement("bdi");
    const further = document.createElement("bdi");
    option.id = `mention-${place}`;
    option.dataset.name = name;
    option.setAttribute("role", "option");
    word.textContent = shown;
    further.textContent = beside;
    option.append(word, " ", further);
    return option;
  }));
  field = textarea;
  suggestions.setAttribute("aria-label", isTag ? gettext("Tags") : gettext("People"));
  field.after(suggestions, spoken); // in a dialog nothing outside of it is read
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", suggestions.id);
  select(suggestions.firstChild);
  const { length } = rows;
  const told = isTag
    ? ngettext(
      "%s tag. Use the arrow keys to choose and Enter to pick.",
      "%s tags. Use the arrow keys to choose and Enter to pick.",
      length,
    )
    : ngettext(
      "%s person. Use the arrow keys to choose and Enter to pick.",
      "%s people. Use the arrow keys to choose and Enter to pick.",
      length,
    );
  spoken.textContent = interpolate(told, [length]);
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
  const start = end - typedIn(textarea).name.length;
  textarea.setRangeText(`${option.dataset.name} `, start, end, "end");
  closeList();
}
