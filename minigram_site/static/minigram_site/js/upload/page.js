// The upload page: files are chosen, dropped and pasted, arranged and described; the form works without.

import { add, changed, entries, onChange, remove } from "./entries.js";
import * as draft from "./draft.js";
import { faultOf, hasWords, isPicture } from "./files.js";
import { handedOver } from "./handover.js";
import { look } from "./pictures.js";
import * as publishing from "./publishing.js";
import { again, pump, stop } from "./queue.js";
import * as stage from "./stage.js";
import * as strip from "./strip.js";
import { gettext, interpolate, ngettext } from "../words.js";

const form = document.getElementById("upload");
const input = form.querySelector("input[type=file]");
const caption = form.querySelector("[name=caption]");
const limits = JSON.parse(document.getElementById("limits").textContent);
const told = new Set();

function take(files) {
  publishing.tell("");
  const room = limits.pictures - entries.length;
  const over = files.length - room;
  if (over > 0) {
    const text = ngettext(
      "A photo has up to %(limit)s pictures: %(count)s was left out.",
      "A photo has up to %(limit)s pictures: %(count)s were left out.",
      over,
    );
    publishing.note("", interpolate(text, { limit: limits.pictures, count: over }, true));
  }
  const taken = files.slice(0, room).map((file) => ({ file, fault: faultOf(file, limits.bytes) }));
  for (const { file, fault } of taken) {
    if (fault) publishing.note(file.name, fault);
    else inspect(add({ file, name: file.name }));
  }
  input.value = "";
  changed();
}

// Nothing is sent before the browser has had a look: what is too large need not travel.
async function inspect(entry) {
  const fit = await isPicture(entry.file).catch(() => true); // what cannot be read cannot be sent
  if (!fit) {
    drop(entry, gettext("This kind of file can’t be shared here."));
    return;
  }
  const seen = await look(entry.file, limits.pixels);
  if (seen?.pixels > limits.pixels) {
    const text = gettext(
      "This picture has %(size)s megapixels. The limit is %(limit)s: upload a smaller version.",
    );
    const size = Math.ceil(seen.pixels / 1_000_000);
    drop(entry, interpolate(text, { size, limit: Math.floor(limits.pixels / 1_000_000) }, true));
    return;
  }
  entry.whole = entry.shown = seen?.url ?? "";
  if (entry.state === "looking") entry.state = "waiting";
  pump();
}

function drop(entry, reason) {
  publishing.note(entry.name, reason);
  takeOut(entry);
}

function takeOut(entry) {
  const focused = document.activeElement;
  stop(entry);
  remove(entry);
  draft.later();
  pump();
  const seen = focused?.checkVisibility?.() ?? focused?.isConnected;
  const lost = !seen || focused === document.body || focused.disabled;
  if (lost && !strip.focusChosen()) input.focus({ preventScroll: true });
}

// Twice the same file is told, and may be meant so.
function tellTwins() {
  for (const entry of entries) {
    const twin = entries.find((other) => other !== entry && other.digest === entry.digest);
    if (!entry.digest || !twin || told.has(entry.digest)) continue;
    told.add(entry.digest);
    publishing.note(entry.name, gettext("You have added this picture twice."));
  }
}

input.required = false;
input.addEventListener("change", () => take([...input.files]));
for (const opener of form.querySelectorAll("[data-add]")) {
  opener.addEventListener("click", () => input.click());
}
// Files may be dropped anywhere: the browser would leave the page to show one.
for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
  addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    const left = name === "dragleave" && event.relatedTarget;
    form.classList.toggle("over", Boolean(left) || name === "dragenter" || name === "dragover");
    if (name === "drop") take([...event.dataTransfer.files]);
  });
}
addEventListener("paste", (event) => {
  const files = [...event.clipboardData.files];
  if (!files.length || hasWords(event.clipboardData)) return;
  event.preventDefault();
  take(files);
});
addEventListener("online", again);
caption.addEventListener("input", () => stage.count(caption));

caption.dataset.counter = "caption-count";
publishing.start();
strip.start(takeOut);
stage.start(takeOut, draft.later);
onChange(tellTwins);
form.classList.add("lively");
for (const element of form.querySelectorAll(".no-script-only")) element.remove();
draft.start();
stage.count(caption);
// Files may have been chosen before this was here: on a slow line, or by the "back" button.
if (input.files.length) take([...input.files]);
handedOver().then((files) => files.length && take(files));
