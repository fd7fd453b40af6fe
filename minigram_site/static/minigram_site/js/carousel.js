// A photo of several pictures: buttons and arrow keys beside swiping, dots, and an announcement.
import { gettext, interpolate } from "./words.js";

const known = new WeakMap();
prepareAll(document);
document.addEventListener("htmx:load", (event) => prepareAll(event.detail.elt));

/** Turn a carousel by `step` pictures; tells whether there was one. */
export function stepOf(carousel, step) {
  return Boolean(carousel && known.get(carousel)?.(step));
}

function prepareAll(root) {
  const inside = [...root.querySelectorAll(".carousel")];
  for (const carousel of root.matches?.(".carousel") ? [root, ...inside] : inside) {
    if (!known.has(carousel)) known.set(carousel, prepare(carousel));
  }
}

function prepare(carousel) {
  const strip = carousel.querySelector(".strip");
  const pictures = [...strip.children];
  const dots = [...carousel.querySelectorAll(".dots > *")];
  const where = carousel.querySelector(".where");
  const [back, on] = carousel.querySelectorAll("[data-step]");
  let at = 0;
  let wanted = null; // where a button or key leads, until the strip has got there

  function show(to) {
    at = Math.max(0, Math.min(pictures.length - 1, to));
    const place = interpolate(gettext("Picture %s of %s"), [at + 1, pictures.length]);
    if (where.textContent !== place) where.textContent = place;
    dots.forEach((dot, number) => dot.classList.toggle("on", number === at));
    back.disabled = at === 0;
    on.disabled = at === pictures.length - 1;
  }
  function go(step) {
    const to = Math.max(0, Math.min(pictures.length - 1, at + step));
    if (to === at) return false;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    wanted = to;
    turn(to, calm ? "instant" : "smooth");
    show(to);
    return true;
  }
  function turn(to, behavior) {
    const left = pictures[to].getBoundingClientRect().left - strip.getBoundingClientRect().left;
    strip.scrollBy({ left, behavior });
  }
  for (const button of [back, on]) {
    button.addEventListener("click", () => {
      go(Number(button.dataset.step));
      // A button that is used up hands the focus to the other one.
      if (button.disabled && button === document.activeElement) (back.disabled ? on : back).focus();
    });
  }
  strip.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const rightToLeft = getComputedStyle(strip).direction === "rtl";
    if (step && go(rightToLeft ? -step : step)) event.preventDefault();
  });
  for (const name of ["pointerdown", "wheel"]) {
    strip.addEventListener(name, () => {
      wanted = null;
    }, { passive: true });
  }
  strip.addEventListener("scrollend", () => {
    const here = Math.round(Math.abs(strip.scrollLeft) / strip.clientWidth);
    const missed = wanted !== null && wanted !== here;
    const to = wanted;
    wanted = null;
    // A smooth turn ends early when a picture arrives meanwhile: then the rest at once.
    if (missed) turn(to, "instant");
    else show(here);
  });
  show(0);
  return go;
}
