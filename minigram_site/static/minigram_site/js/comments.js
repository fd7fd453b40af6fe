// Comments: Enter sends, a deleted one can be had back for a while, and the focus stays where one works.
import { toast } from "./toast.js";
import { post } from "./viewer/acts.js";
import { gettext } from "./words.js";

const UNDO_SECONDS = 6;
const leaving = new Map(); // id of the row → what sends its request, until that has gone

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.defaultPrevented || event.isComposing) return;
  if (!field.matches?.(".say textarea") || field.hasAttribute("aria-activedescendant")) return;
  const desktop = matchMedia("(pointer: fine) and (min-width: 768px)").matches;
  if (!(event.ctrlKey || event.metaKey || (desktop && !event.shiftKey))) return;
  event.preventDefault();
  const button = field.form.querySelector("button");
  if (!button.disabled) field.form.requestSubmit(button);
});

// Before htmx: a form that deletes waits until nobody can want it back.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-remove]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  removeLater(form);
}, true);
addEventListener("pagehide", () => {
  for (const send of leaving.values()) send();
});

function removeLater(form) {
  const row = form.closest("li");
  const { id } = row;
  if (leaving.has(id)) return;
  const next = neighbourOf(row);
  const words = gettext("Comment deleted");
  let timer = 0;
  const send = () => {
    leaving.delete(id);
    clearTimeout(timer);
    remove(form.action, id);
  };
  // As long as somebody stays with the toast, they can still press its button.
  const wait = (seconds) => {
    timer = setTimeout(() => (isTold(words) ? wait(1) : send()), seconds * 1000);
  };
  wait(UNDO_SECONDS);
  leaving.set(id, send);
  row.hidden = true;
  next.focus({ preventScroll: true });
  const run = () => {
    clearTimeout(timer);
    if (!leaving.delete(id)) return;
    const back = document.getElementById(id);
    if (!back) return;
    back.hidden = false;
    back.querySelector("form[data-remove] button")?.focus({ preventScroll: true });
  };
  toast(words, { action: { label: gettext("Undo"), run }, seconds: UNDO_SECONDS });
}

function isTold(words) {
  return [...document.querySelectorAll(".toast p")].some((told) => told.textContent === words);
}

// Where the focus goes when a row disappears: the next row's first link, else the heading.
function neighbourOf(row) {
  const other = row.nextElementSibling ?? row.previousElementSibling;
  const link = other?.querySelector("a[href]:not([tabindex])");
  return link ?? document.getElementById("comments-title") ?? document.getElementById("main");
}

async function remove(address, id) {
  const answer = await post(address, { keepalive: true });
  const row = document.getElementById(id);
  if (!answer) {
    if (row) row.hidden = false;
    const run = () => {
      if (row) row.hidden = true;
      remove(address, id);
    };
    const action = { label: gettext("Try again"), run };
    toast(gettext("The comment couldn’t be deleted."), { kind: "error", action });
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const left = page.getElementById(id); // with replies it stays, without its words
  if (left) row?.replaceWith(taken(left));
  else row?.remove();
  const list = document.querySelector("#comments > .comment-list");
  const none = page.querySelector(".comment-list > .empty");
  if (none && list && !list.querySelector("li:not([hidden])")) list.replaceChildren(taken(none));
  const title = page.getElementById("comments-title");
  const shown = document.getElementById("comments-title");
  if (title && shown) shown.innerHTML = title.innerHTML;
  const count = title?.querySelector("[data-live^='comments-']");
  if (!count) return;
  for (const old of document.querySelectorAll(`[data-live="${count.dataset.live}"]`)) {
    old.textContent = count.textContent;
  }
}

function taken(row) {
  const copy = document.importNode(row, true);
  queueMicrotask(() => {
    globalThis.htmx.process(copy);
    copy.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: copy } }));
  });
  return copy;
}

// What htmx puts in place of what held the focus takes it over.
let worked = null;
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { target } = detail;
  const ours = target.closest?.("#comments");
  const focus = document.activeElement;
  const held = focus === document.body || target.contains(focus);
  worked = ours && held ? target.id : null;
});
document.addEventListener("htmx:afterSettle", () => {
  for (const id of leaving.keys()) {
    const row = document.getElementById(id);
    if (row) row.hidden = true;
  }
  if (worked === null || document.activeElement !== document.body) return;
  const place = (worked && document.getElementById(worked)) || document.getElementById("comments");
  const field = place?.querySelector("[autofocus], .say textarea, [aria-pressed], .link");
  worked = null;
  field?.focus({ preventScroll: true });
});
