// The draft: what is there is kept by the site while one works on it, and taken up again anywhere.

import { add, changed, entries, onChange } from "./entries.js";
import { ask } from "./network.js";
import { paint, take } from "./queue.js";
import { gettext } from "../words.js";

const CALM_MS = 800;
const AGAIN_MS = 10_000;
const form = document.getElementById("upload");
const status = document.getElementById("draft-status");
const caption = form.querySelector("[name=caption]");
const camera = form.querySelector("[name=show_camera]");
let id = "";
let kept = "";
let timer = 0;
let saving = null;
let over = false;

/** Take up the draft that the page was opened with, and keep what is changed from now on. */
export function start() {
  const draft = JSON.parse(document.getElementById("draft").textContent);
  id = draft.id;
  for (const one of draft.media) {
    const entry = add({
      id: one.id,
      state: "done",
      turn: one.turn,
      crop: one.crop,
      alt: one.alt_text,
      // It is painted from all of it, if that is there.
      shown: one.whole ? "" : one.shown,
      changes: 0,
    });
    take(entry, one);
    if (entry.whole) paint(entry);
  }
  kept = contents();
  onChange(later);
  for (const field of [caption, camera]) field.addEventListener("input", later);
  addEventListener("online", save);
  addEventListener("visibilitychange", () => document.hidden && save({ keepalive: true }));
  changed();
}

/** Return the fields that say what is there: arrived pictures in their order, and all words. */
export function fields() {
  const data = new FormData();
  if (id) data.append("draft", id);
  for (const entry of entries.filter((one) => one.id)) {
    data.append("media", entry.id);
    data.append(`alt_${entry.id}`, entry.alt);
  }
  data.append("caption", caption.value);
  if (camera.checked) data.append("show_camera", "on");
  return data;
}

/** Tell whether something is there that the site does not have. */
export function isUnsaved() {
  return !over && contents() !== kept;
}

/** Save no more: it is published. Resolves when what was under way is done. */
export async function finish() {
  over = true;
  clearTimeout(timer);
  await saving;
}

/** Go on saving: it could not be published. */
export function goOn() {
  over = false;
  later();
}

function contents() {
  const data = fields();
  data.delete("draft");
  return JSON.stringify([...data]);
}

/** Save soon, if something has changed. */
export function later() {
  if (!isUnsaved()) return;
  clearTimeout(timer);
  // Said at once: what has just been changed is not saved before it is.
  status.textContent = gettext("Saving…");
  timer = setTimeout(save, CALM_MS);
}

async function save({ keepalive = false } = {}) {
  clearTimeout(timer);
  if (saving) return;
  const sent = contents();
  const empty = !caption.value.trim() && !entries.some((entry) => entry.id);
  if (!isUnsaved() || (empty && !id)) {
    sayKept();
    return;
  }
  const data = fields();
  status.textContent = gettext("Saving…");
  saving = (empty ? discard() : ask(form.dataset.save, data, { keepalive })).catch(() => ({}));
  const answer = await saving;
  saving = null;
  if (answer.id !== undefined) {
    id = answer.id;
    kept = sent;
    history.replaceState(history.state, "", answer.address);
    sayKept();
    later();
  } else {
    status.textContent = answer.detail || gettext("Not saved yet");
    if (!over && answer.status !== 422) timer = setTimeout(save, AGAIN_MS);
  }
}

function sayKept() {
  if (!over) status.textContent = id ? gettext("Saved in your drafts") : "";
}

// Nothing is left of it.
async function discard() {
  await ask(`${form.dataset.drafts}${id}/discard/`, new FormData());
  return { id: "", address: form.dataset.empty };
}
