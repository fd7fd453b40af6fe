// The picture that is looked at, large, with its tools and the words for those who cannot see it.

import { changed, chosen, entries, moveTo, onChange } from "./entries.js";
import { change, pump, wait } from "./queue.js";
import { focusChosen } from "./strip.js";
import { turnedCrop } from "./pictures.js";
import { gettext, grouped, interpolate, ngettext } from "../words.js";

const stage = document.getElementById("stage");
const image = stage.querySelector("img");
const alt = document.getElementById("alt");
const label = document.getElementById("alt-label");
const fault = document.getElementById("fault");
const moved = document.getElementById("moved");
const tool = (name) => stage.querySelector(`[data-tool=${name}]`);

/** Show the stage; `remove` takes a picture out, `written` is called when words have changed. */
export function start(remove, written) {
  onChange(show);
  image.addEventListener("error", () => see(false));
  tool("turn").addEventListener("click", () => {
    change(chosen, (chosen.turn + 1) % 4, turnedCrop(chosen.crop));
  });
  tool("crop").addEventListener("click", openCrop);
  tool("cover").addEventListener("click", () => move(0));
  tool("earlier").addEventListener("click", () => move(entries.indexOf(chosen) - 1));
  tool("later").addEventListener("click", () => move(entries.indexOf(chosen) + 1));
  tool("remove").addEventListener("click", () => remove(chosen));
  tool("again").addEventListener("click", () => {
    wait(chosen);
    pump();
    focusChosen();
  });
  alt.addEventListener("input", () => {
    chosen.alt = alt.value;
    written();
    changed();
  });
}

function move(place) {
  moveTo(chosen, place);
  const values = { place: entries.indexOf(chosen) + 1, count: entries.length };
  moved.textContent = interpolate(gettext("Now picture %(place)s of %(count)s."), values, true);
  // A button that can do no more must not keep the focus.
  if (document.activeElement === document.body || document.activeElement.disabled) focusChosen();
}

async function openCrop() {
  const entry = chosen;
  const { crop } = await import("./crop.js");
  const wanted = await crop(entry);
  if (wanted) change(entry, entry.turn, wanted);
  tool("crop").focus({ preventScroll: true });
}

function show() {
  if (!chosen) return;
  const at = entries.indexOf(chosen);
  if (chosen.shown && image.getAttribute("src") !== chosen.shown) {
    image.src = chosen.shown;
    see(true);
  }
  if (!chosen.shown) see(false);
  image.alt = chosen.alt;
  for (const name of ["turn", "crop"]) tool(name).disabled = !chosen.whole;
  tool("cover").disabled = tool("earlier").disabled = at === 0;
  tool("later").disabled = at === entries.length - 1;
  for (const name of ["cover", "earlier", "later"]) tool(name).hidden = entries.length < 2;
  tool("again").hidden = chosen.state !== "lost";
  fault.textContent = chosen.fault;
  label.textContent = entries.length === 1
    ? gettext("Description")
    : interpolate(gettext("Description of picture %s"), [at + 1]);
  if (alt.value !== chosen.alt) alt.value = chosen.alt;
  count(alt);
}

// There is a picture, or a sentence instead: never the browser's sign of a broken one.
function see(there) {
  image.hidden = !there;
  stage.querySelector(".unseen").hidden = there;
}

/** Tell below a field how many characters are left, once they get few. */
export function count(field) {
  const left = field.maxLength - field.value.length;
  const place = document.getElementById(field.dataset.counter);
  const few = left <= Math.max(50, field.maxLength / 10);
  place.textContent = few
    ? interpolate(ngettext("%s character left", "%s characters left", left), [grouped(left)])
    : `${grouped(field.value.length)} / ${grouped(field.maxLength)}`;
  place.classList.toggle("few", few);
}
