// The chosen portrait is shown at once, in the place of the one before; a button of ours chooses it.
import { gettext } from "./words.js";

const frame = document.getElementById("portrait");
const input = frame.querySelector("input[type=file]");
// Where there is one, it has nothing to do before a picture is chosen.
const save = frame.querySelector(".buttons > .button:not([name])");

const chooser = document.createElement("button");
const told = document.createElement("small");
Object.assign(chooser, {
  type: "button",
  className: "button plain small",
  textContent: gettext("Choose picture"),
});
chooser.addEventListener("click", () => input.click());
Object.assign(told, { dir: "auto", hidden: true });
input.hidden = true;
const acts = frame.querySelector(".buttons");
if (acts) acts.prepend(chooser, told);
else input.after(chooser, " ", told);
if (save) save.hidden = true;

input.addEventListener("change", async () => {
  const [file] = input.files;
  if (!file) return;
  const picture = new Image();
  picture.src = URL.createObjectURL(file);
  // What the browser cannot show (HEIC, most often) the site may still be able to read.
  const shown = await picture.decode().then(() => true, () => false);
  if (input.files[0] !== file) return URL.revokeObjectURL(picture.src);
  told.textContent = file.name;
  told.hidden = shown;
  if (save) save.hidden = false;
  save?.classList.remove("plain");
  if (!shown) return URL.revokeObjectURL(picture.src);
  const old = frame.querySelector(".avatar");
  picture.className = old.className.replace("letter", "");
  picture.alt = "";
  old.replaceWith(picture);
});
