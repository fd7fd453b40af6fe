// Gestures and menus of cards: double tap likes, a single one opens as always; what a menu does comes with it.
import { like } from "./likes.js";

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

// The script of a menu is there before its button is pressed: to copy and to share are refused later than that.
document.addEventListener("toggle", ({ target }) => {
  if (target.matches?.(".card .menu")) acts().catch(() => {}); // asked for again when it is needed
}, { capture: true });

// A photo goes at once, and can be had back; without the script for it a page asks first.
document.addEventListener("click", async (event) => {
  const { target } = event;
  const item = target.closest?.(".card .menu :is([data-share], [data-copy-link], [data-delete])");
  if (!item || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  try {
    (await acts()).actOn(event, {});
  } catch {
    location.assign(item.href ?? item.dataset.share ?? item.dataset.copyLink);
  }
});

function acts() {
  return import("./viewer/acts.js");
}
