// The filmstrip: one small picture each, in the order of the photo, to be dragged or moved by keys.

import { changed, choose, chosen, entries, moveTo, onChange } from "./entries.js";
import { gettext, interpolate } from "../words.js";

const list = document.getElementById("pictures");
const template = document.getElementById("picture-row");
const library = document.getElementById("upload").dataset.sortable;
const rows = new Map();
let sortable = null;

/** Show the strip, and let `remove` be called for the Delete key. */
export function start(remove) {
  onChange(show);
  list.addEventListener("click", (event) => {
    const entry = entryOf(event.target);
    if (entry) choose(entry);
  });
  list.addEventListener("keydown", (event) => {
    const entry = entryOf(event.target);
    if (entry) press(event, entry, remove);
  });
}

/** Put the focus on the picture that is looked at; false if there is none. */
export function focusChosen() {
  const row = chosen && rows.get(chosen);
  row?.querySelector("button").focus({ preventScroll: true });
  return Boolean(row);
}

function entryOf(target) {
  const row = target.closest("li");
  return entries.find((entry) => rows.get(entry) === row);
}

function press(event, entry, remove) {
  const back = document.documentElement.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
  const at = entries.indexOf(entry);
  const step = event.key === back ? -1 : event.key.startsWith("Arrow") ? 1 : 0;
  const to = { Home: 0, End: entries.length - 1 }[event.key] ?? (step ? at + step : null);
  if (event.key === "Delete" || event.key === "Backspace") remove(entry);
  else if (to === null || event.altKey || event.metaKey) return;
  else if (event.shiftKey) moveTo(entry, to);
  else if (entries[to]) choose(entries[to]);
  event.preventDefault();
  focusChosen();
}

function show() {
  for (const [entry, row] of rows) {
    if (entries.includes(entry)) continue;
    row.remove();
    rows.delete(entry);
  }
  entries.forEach((entry, at) => {
    const row = rows.get(entry) ?? made(entry);
    if (list.children[at] !== row) list.insertBefore(row, list.children[at] ?? null);
    update(row, entry, at);
  });
  if (entries.length > 1 && sortable === null) drag();
}

function made(entry) {
  const row = template.content.firstElementChild.cloneNode(true);
  const image = row.querySelector("img");
  image.addEventListener("error", () => image.hidden = true);
  rows.set(entry, row);
  return row;
}

function update(row, entry, at) {
  const button = row.querySelector("button");
  const image = row.querySelector("img");
  const progress = row.querySelector("progress");
  const open = ["looking", "waiting", "sending"].includes(entry.state);
  const url = entry.shown;
  if (url && image.getAttribute("src") !== url) {
    image.src = url;
    image.hidden = false;
  }
  if (!url) image.hidden = true;
  button.setAttribute("aria-current", String(entry === chosen));
  button.setAttribute("aria-label", labelOf(entry, at));
  row.classList.toggle("wrong", entry.state === "lost");
  row.classList.toggle("there", entry.state === "done");
  row.classList.toggle("cover", at === 0 && entries.length > 1);
  progress.hidden = !open;
  progress.value = entry.part * 100;
  row.querySelector(".ring").toggleAttribute("hidden", !open);
  row.querySelector(".part").style.strokeDasharray = `${entry.part * 100} 100`;
}

function labelOf(entry, at) {
  const states = {
    done: gettext("uploaded"),
    lost: gettext("waiting to be tried again"),
  };
  const values = {
    place: at + 1,
    count: entries.length,
    name: entry.name,
    state: states[entry.state] ?? gettext("is being uploaded"),
  };
  return interpolate(gettext("Picture %(place)s of %(count)s, %(name)s, %(state)s"), values, true);
}

// Only where there is something to sort. Keys and buttons do the same without it.
async function drag() {
  sortable = false;
  try {
    await import(library);
    sortable = globalThis.Sortable.create(list, {
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
      delay: 200,
      delayOnTouchOnly: true,
      direction: "horizontal",
      onEnd: ({ item, newIndex }) => {
        const entry = entryOf(item);
        moveTo(entry, newIndex);
        if (entry) choose(entry);
        else changed();
      },
    });
  } catch {
    sortable = null; // offline: perhaps with the next picture
  }
}
