// What has just been done is right wherever it is shown: on this page, in other tabs, and after "Back".
// Elements that show the same carry the same data-live.
import { showTimes } from "./times.js";

const NOTES = "acts";
const ACTED = "acted";
const KEPT = 30;
const viewer = document.body.dataset.viewer;
// Keys of what a press has painted and the site has not answered yet: the press knows better.
export const pressed = new Set();
let channel = null;
let hiddenAt = 0;

// Take over what an answer shows, here and everywhere else. `html` are pieces with data-live.
export function spread(html) {
  const pieces = piecesIn(html);
  if (!pieces.length || !viewer) return;
  put(pieces);
  const kept = pieces.map((piece) => piece.outerHTML).join("");
  const acts = [...notes(), { at: Date.now(), html: kept }].slice(-KEPT);
  sessionStorage.setItem(NOTES, JSON.stringify({ viewer, acts }));
  localStorage.setItem(ACTED, String(Date.now()));
  channel?.postMessage({ viewer, html: kept });
}

function piecesIn(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const all = [...page.querySelectorAll("[data-live]")];
  return all.filter((piece) => !piece.parentElement.closest("[data-live]"));
}

// What a dialog shows is right, and is shown in the page below it.
export function showBelow(dialog) {
  for (const piece of dialog.querySelectorAll("[data-live]")) {
    const key = CSS.escape(piece.dataset.live);
    for (const old of document.querySelectorAll(`main [data-live="${key}"]`)) patch(old, piece);
  }
}

function put(pieces) {
  for (const piece of pieces) {
    const key = piece.dataset.live;
    if (pressed.has(key)) continue;
    for (const old of document.querySelectorAll(`[data-live="${CSS.escape(key)}"]`)) {
      patch(old, piece);
    }
    for (const inner of piece.querySelectorAll("[data-live]")) put([inner]);
  }
}

// A button stays the element that it is, so that the focus stays on it.
function patch(old, fresh) {
  if (old.isConnected && old.localName === "form" && fresh.localName === "form") {
    old.action = fresh.getAttribute("action");
    const [button, now] = [old.querySelector("button"), fresh.querySelector("button")];
    if (!button || !now) return;
    for (const { name, value } of now.attributes) button.setAttribute(name, value);
    if (button.innerHTML !== now.innerHTML) button.innerHTML = now.innerHTML;
    return;
  }
  // A number looks in each place as that place has it.
  if (old.matches("span:not(:has(*))") && fresh.matches("span:not(:has(*))")) {
    old.textContent = fresh.textContent;
    return;
  }
  if (old.innerHTML === fresh.innerHTML && old.className === fresh.className) return;
  const copy = document.importNode(fresh, true);
  const focused = old.contains(document.activeElement) ? placeOf(document.activeElement, old) : -1;
  old.replaceWith(copy);
  htmx.process(copy);
  showTimes(copy);
  if (focused >= 0) reachable(copy)[focused]?.focus({ preventScroll: true });
}

function reachable(root) {
  return [root, ...root.querySelectorAll("a[href], button, input, textarea, summary")];
}

function placeOf(element, root) {
  return reachable(root).indexOf(element);
}

// What htmx has sent and put into the page is told to all other places.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const verb = detail.requestConfig?.verb;
  if (verb && verb !== "get" && detail.xhr) spread(detail.xhr.responseText);
});

function listen() {
  channel = new BroadcastChannel("minigram");
  channel.addEventListener("message", ({ data }) => {
    if (data.viewer === viewer) put(piecesIn(data.html));
  });
}
if (viewer) listen();

function notes() {
  const held = JSON.parse(sessionStorage.getItem(NOTES) || "{}");
  return held.viewer === viewer ? held.acts : [];
}
if (!notes().length) sessionStorage.removeItem(NOTES);

// A form that leads to another page: what it changes is asked for, if "Back" shows the page as it was.
document.addEventListener("submit", () => localStorage.setItem(ACTED, String(Date.now())), true);

addEventListener("pagehide", () => {
  hiddenAt = Date.now();
  channel?.close();
});

addEventListener("pageshow", async (event) => {
  if (!event.persisted || !viewer) return;
  listen();
  const since = notes().filter(({ at }) => at >= hiddenAt);
  for (const { html } of since) put(piecesIn(html));
  if (Number(localStorage.getItem(ACTED)) < hiddenAt) return;
  await refresh().catch(() => {}); // offline: as it was
});

// Ask for the page once more, and take over what has changed. Browsers keep a page for "Back" only
// if its scripts are given nothing that may not be stored: hence the header.
export async function refresh() {
  const answer = await fetch(location.href, { headers: { "HX-Request": "true" } });
  if (answer.ok && !answer.redirected) put(piecesIn(await answer.text()));
}
