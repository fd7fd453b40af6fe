// Pages say times in UTC, or how long ago; readers see them as their own clock and language have them.
import { locale } from "./words.js";

const SECOND = 1000;
const DAY = 24 * 60 * 60;
const STEPS = [[60, 60, "minute"], [60 * 60, 24, "hour"], [DAY, 7, "day"]];
const formats = new Map();

function format(how) {
  if (!formats.has(how)) formats.set(how, new Intl.DateTimeFormat(locale, options(how)));
  return formats.get(how);
}

function options(how) {
  const time = { hour: "numeric", minute: "2-digit" };
  if (how === "day") return { day: "numeric", month: "short" };
  if (how === "year") return { day: "numeric", month: "short", year: "numeric" };
  if (how === "date") return { day: "numeric", month: "long" };
  return { day: "numeric", year: "numeric", month: how, ...time };
}

// data-local: "day" is how long ago, and from a week on the date; "date" a date; "short" and "long"
// a date with the time of day.
export function showTimes(root, { unseen = false } = {}) {
  const changed = [];
  for (const time of root.querySelectorAll("time[data-local]")) {
    const text = textOf(time);
    if (!text || text === time.textContent.trim()) continue;
    changed.push([time, text, unseen ? 0 : widthOf(time)]);
  }
  // The element keeps at least its width, so that nothing beside it moves. Measured first, all at once.
  for (const [time, text, width] of changed) {
    if (width) time.style.minWidth = `${width}px`;
    time.textContent = text;
  }
}

// Nothing for what is far from the window: to measure it would lay out what is left for later.
function widthOf(time) {
  return time.checkVisibility?.({ contentVisibilityAuto: true }) === false ? 0 : time.offsetWidth;
}

function textOf(time) {
  const moment = new Date(time.dateTime);
  const how = time.dataset.local;
  if (how === "day" || how === "date") time.title = format("long").format(moment);
  return how === "day" ? ago(moment) : format(how).format(moment);
}

function ago(moment) {
  const seconds = (Date.now() - moment) / SECOND;
  if (seconds < 60) return now();
  for (const [length, many, unit] of STEPS) {
    if (seconds < length * many) return inUnits(Math.floor(seconds / length), unit);
  }
  return format(moment.getFullYear() === new Date().getFullYear() ? "day" : "year").format(moment);
}

function now() {
  if (!formats.has(now)) {
    formats.set(now, new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "narrow" }));
  }
  return formats.get(now).format(0, "second");
}

function inUnits(number, unit) {
  const style = { style: "unit", unit, unitDisplay: "narrow" };
  if (!formats.has(unit)) formats.set(unit, new Intl.NumberFormat(locale, style));
  return formats.get(unit).format(number);
}

showTimes(document);
document.addEventListener("htmx:load", ({ detail }) => showTimes(detail.elt, detail));
// Minutes go by while a page is open.
setInterval(() => {
  if (document.visibilityState === "visible") showTimes(document);
}, 60 * SECOND);
