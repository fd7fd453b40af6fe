// Photos open over the list they stand in, and letters are keys: the scripts for it come at first need.
import { gettext } from "../words.js";
import { isPhotoLink } from "./list.js";

const PATIENCE_MS = 300;

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("main a[href]");
  const other = event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  if (event.defaultPrevented || other || !link || !isPhotoLink(link)) return;
  event.preventDefault();
  const wait = new Wait(link);
  try {
    const { open } = await import("./dialog.js");
    await open(link, wait);
  } catch {
    if (wait.end()) location.assign(link.href);
  }
});

// Who points at a photo opens it next: its scripts come meanwhile.
for (const name of ["pointerover", "focusin"]) document.addEventListener(name, fetchScripts);

function fetchScripts(event) {
  const link = event.target.closest?.("main a[href]");
  if (!link || !isPhotoLink(link)) return;
  for (const name of ["pointerover", "focusin"]) document.removeEventListener(name, fetchScripts);
  import("./dialog.js").catch(() => {}); // asked for again when it is needed
}

// What stands in the window while a photo is long in coming: its picture as the list has it.
class Wait {
  #dialog = document.createElement("dialog");
  #timer = 0;
  #isOver = false;

  constructor(link) {
    this.#timer = setTimeout(() => this.#show(link), PATIENCE_MS);
  }

  #show(link) {
    const [held] = link.querySelectorAll("img");
    this.#dialog.className = "waiting";
    this.#dialog.setAttribute("aria-label", gettext("Loading…"));
    if (held) this.#dialog.append(copyOf(held));
    this.#dialog.append(document.createElement("i"));
    document.body.append(this.#dialog);
    this.#dialog.addEventListener("close", () => this.end());
    this.#dialog.addEventListener("click", () => this.end());
    this.#dialog.showModal();
  }

  /** End it; tells whether the photo is still wanted. */
  end() {
    if (this.#isOver) return false;
    this.#isOver = true;
    clearTimeout(this.#timer);
    if (this.#dialog.open) this.#dialog.close();
    this.#dialog.remove();
    return true;
  }
}

document.addEventListener("keydown", async (event) => {
  const special = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
  if (event.defaultPrevented || special || event.repeat || isTyping(event.target)) return;
  if (!/^[jklcsf?\/]$/i.test(event.key)) return;
  if (event.key === "/") event.preventDefault();
  const { press } = await import("./keys.js");
  press(event.key.toLowerCase());
});

document.addEventListener("click", async (event) => {
  if (!event.target.closest?.("[data-keys]")) return;
  const { press } = await import("./keys.js");
  press("?");
});

if (sessionStorage.getItem("photo deleted")) {
  import("./acts.js").then(({ tellOfLastPage }) => tellOfLastPage());
}

// The file that is there already, as large as the photo will be.
function copyOf({ currentSrc, attributes }) {
  const image = new Image();
  image.src = currentSrc;
  image.alt = "";
  image.style.setProperty("--w", attributes.width.value);
  image.style.setProperty("--h", attributes.height.value);
  return image;
}

function isTyping(element) {
  return Boolean(element.closest?.("input, textarea, select, [contenteditable]"));
}
