// The bar at the bottom: how far the uploads are, what was refused, and the button that publishes.

import { changed, entries, onChange } from "./entries.js";
import { fields, finish, goOn, isUnsaved } from "./draft.js";
import { ask, FAILED } from "./network.js";
import { again, onRefused, pump, wait } from "./queue.js";
import { gettext, interpolate, ngettext } from "../words.js";

const form = document.getElementById("upload");
const errors = document.getElementById("upload-errors");
const notes = document.getElementById("refused");
const status = document.getElementById("upload-status");
const caption = form.querySelector("[name=caption]");
const button = document.getElementById("publish");
let wanted = false; // whether "Publish" was pressed
let publishing = false;
let leaving = false;

export function start() {
  onChange(show);
  onRefused(note);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    press();
  });
  addEventListener("beforeunload", (event) => {
    const open = entries.some((entry) => !entry.id || entry.dirty);
    if (!leaving && (open || isUnsaved())) event.preventDefault();
  });
}

/** Say one sentence about publishing; nothing if it is empty. */
export function tell(text) {
  errors.textContent = text;
}

/** Say in one line why a file is not in the strip. */
export function note(name, reason) {
  const line = document.createElement("li");
  const words = document.createElement("p");
  const file = document.createElement("bdi");
  file.textContent = name;
  words.append(...(name ? [file, ": "] : []), reason);
  const close = document.createElement("button");
  close.type = "button";
  close.className = "close";
  close.setAttribute("aria-label", gettext("Close"));
  close.textContent = "×";
  close.addEventListener("click", () => {
    line.remove();
    button.focus({ preventScroll: true });
  });
  line.append(words, close);
  notes.append(line);
  line.scrollIntoView?.({ block: "nearest", container: "nearest" });
}

function press() {
  if (!entries.length) {
    tell(gettext("Choose a picture."));
    form.querySelector("[type=file]").focus({ preventScroll: true });
    return;
  }
  tell("");
  wanted = true;
  again();
}

function show() {
  const count = entries.length;
  const open = entries.filter((entry) => entry.state !== "done").length;
  const busy = open || entries.some((entry) => entry.dirty);
  const values = { place: Math.min(count, count - open + 1), count };
  const uploading = interpolate(gettext("Uploading %(place)s of %(count)s"), values, true);
  if (!count) wanted = false;
  status.textContent = open ? uploading : "";
  button.disabled = wanted;
  button.textContent = wanted
    ? busy ? uploading : gettext("Publishing…")
    : count
    ? interpolate(ngettext("Publish %s photo", "Publish %s photos", count), [count])
    : gettext("Publish");
  form.classList.toggle("filled", count > 0);
  form.classList.toggle("bare", !count && !caption.value);
  if (wanted && !busy && count) publish();
}

async function publish() {
  if (publishing) return;
  publishing = true;
  await finish();
  const unknown = gettext(
    "The connection was lost. Press Publish again: nothing is published twice.",
  );
  const answer = await ask(form.dataset.publish, fields()).catch(() => ({ detail: unknown }));
  publishing = false;
  if (answer.address) {
    leaving = true;
    location.assign(answer.address);
    return;
  }
  goOn();
  // Thrown away meanwhile: the files that were chosen here are still here.
  const gone = entries.filter((entry) => answer.gone?.includes(entry.id) && entry.file);
  gone.forEach(wait);
  if (!gone.length) {
    tell(answer.detail || FAILED());
    wanted = false;
    changed();
  }
  pump();
}
