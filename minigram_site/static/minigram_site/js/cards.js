// Gestures and menus of cards: double tap likes, a single one opens as always; links to copy, a photo to delete.
import { like } from "./likes.js";
import { toast } from "./toast.js";
import { gettext } from "./words.js";

const PICTURE = ".card .picture";
const TWICE_MS = 280;
const HEART_MS = 900;
let kind = "mouse";
let first = null; // the first of perhaps two taps
let passing = false;

document.addEventListener("pointerdown", (event) => {
  kind = event.pointerType;
}, { passive: true, capture: true });

// Before everybody else: whoever opens photos need not know.
document.addEventListener("click", (event) => {
  const picture = kind === "mouse" || passing || !document.body.dataset.viewer
    ? null
    : event.target.closest?.(PICTURE);
  if (!picture || event.target.closest("button, label")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (first?.picture === picture) {
    clearTimeout(first.timer);
    first = null;
    likeIn(picture);
    return;
  }
  const target = event.target;
  first = { picture, timer: setTimeout(() => open(target), TWICE_MS) };
}, { capture: true });

function open(target) {
  first = null;
  passing = true;
  target.closest("a, button")?.click();
  passing = false;
}

function likeIn(picture) {
  const form = picture.closest(".card").querySelector("form.like");
  like(form);
  const heart = document.createElement("span");
  heart.className = "burst";
  heart.append(form.querySelector(".full").cloneNode(true));
  picture.append(heart);
  setTimeout(() => heart.remove(), HEART_MS);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  button.closest("[popover]")?.hidePopover();
  try {
    await navigator.clipboard.writeText(new URL(button.dataset.copy, location.href).href);
    toast(gettext("Link copied"));
  } catch {
    toast(gettext("This browser doesn’t allow copying"), { kind: "error" });
  }
});

// A photo goes at once, and can be had back; without the script for it a page asks first.
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.(".card [data-delete]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  try {
    (await import("./viewer/acts.js")).actOn(event, {});
  } catch {
    location.assign(link.href);
  }
});
