// What a photo in the viewer gains with JavaScript: full screen, turning, zoom, sharing, the sheet of comments.
import { stepOf } from "../carousel.js";
import "../comments.js";
import { actOn } from "./acts.js";

const FAR_PX = 50;
const DESKTOP = matchMedia("(min-width: 1024px)");

/** Prepare the article of a photo; `turn(step)` shows another one, `close` leaves it. */
export function prepareViewer(article, { turn = () => false, close }) {
  const stage = article.querySelector(".stage");
  const go = (step) => stepOf(stage.querySelector(".carousel"), step) || turn(step);
  article.addEventListener("click", (event) => {
    const { target } = event;
    const button = target.closest("[data-turn]");
    if (button) go(Number(button.dataset.turn));
    else if (target.closest("[data-full-screen]")) fullScreen(stage);
    else if (target.closest("[data-close]") && close) {
      event.preventDefault();
      close();
    } else if (target.closest(".stage a:has(img)")) event.preventDefault(); // zoom is here
    else actOn(event, { close });
  });
  article.ownerDocument.addEventListener("keydown", (event) => pressed(event, article, go));
  prepareSwipe(stage, turn);
  prepareZoom(stage);
}

/** Show the comments of a photo and go to the box for a new one. */
export function openComments(article) {
  const talk = article.querySelector("#talk");
  if (!talk) return;
  if (!DESKTOP.matches && !talk.matches(":popover-open")) talk.showPopover();
  const field = talk.querySelector("textarea") ?? talk.querySelector("#comments-title");
  field?.focus({ preventScroll: true });
}

/** Show the stage of a photo on the whole screen, or not any more. */
export function fullScreen(stage) {
  if (document.fullscreenElement) document.exitFullscreen();
  else stage.requestFullscreen?.().catch(() => {});
}

function pressed(event, article, go) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const special = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
  if (!step || !article.isConnected || event.defaultPrevented || special) return;
  if (event.target.closest?.("input, textarea, select, [popover]:not(#talk)")) return;
  event.preventDefault();
  const rightToLeft = getComputedStyle(article).direction === "rtl";
  go(rightToLeft ? -step : step);
}

// One finger across a photo that is not zoomed; a carousel at its end turns to the next photo too.
function prepareSwipe(stage, turn) {
  let start = null;
  stage.addEventListener("touchstart", ({ touches }) => {
    const strip = stage.querySelector(".strip");
    const zoomed = stage.classList.contains("zoomed") || touches.length > 1;
    start = zoomed
      ? null
      : { x: touches[0].clientX, y: touches[0].clientY, left: strip?.scrollLeft };
  }, { passive: true });
  stage.addEventListener("touchend", ({ changedTouches }) => {
    if (!start) return;
    const strip = stage.querySelector(".strip");
    const across = changedTouches[0].clientX - start.x;
    const down = changedTouches[0].clientY - start.y;
    const still = !strip || Math.abs(strip.scrollLeft - start.left) < 2;
    start = null;
    if (!still || Math.abs(across) < FAR_PX || Math.abs(across) < 2 * Math.abs(down)) return;
    const forward = getComputedStyle(stage).direction === "rtl" ? across > 0 : across < 0;
    turn(forward ? 1 : -1);
  });
}

// The library for it comes with the first finger, wheel or double click.
function prepareZoom(stage) {
  const zoom = () => import("./zoom.js");
  const frame = (event) => event.target.closest(".pan");
  stage.addEventListener("dblclick", async (event) => {
    const pan = frame(event);
    if (pan) (await zoom()).toggle(stage, pan, event);
  });
  stage.addEventListener("wheel", async (event) => {
    const pan = frame(event);
    const across = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (!pan || across || !(DESKTOP.matches || event.ctrlKey)) return;
    event.preventDefault();
    (await zoom()).wheel(stage, pan, event);
  }, { passive: false });
  stage.addEventListener("touchmove", (event) => {
    if (event.touches.length > 1) event.preventDefault();
  }, { passive: false });
  if (matchMedia("(any-pointer: coarse)").matches) {
    zoom().then(({ zoomable }) => {
      for (const pan of stage.querySelectorAll(".pan")) zoomable(stage, pan);
    });
  }
}
