// Long lists: the next page comes before it is reached, and again after a failure; the address says
// where one is, so that "Back" leads there without any cache of the browser.
import { gettext } from "./words.js";

const MORE = "a[data-more]";
const LIST = "[data-list]";
const PRESSED = "pressed";
const AHEAD = "900px";
const WAITS_S = [5, 10, 20, 40, 60];
const SETTLED_MS = 150;
// Cards that are put in at once: more would hold up a phone that scrolls.
const SLICE = 4;

const isLoading = new WeakSet();
const failed = new Map(); // the line that says it, by the link that waits
const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) if (isIntersecting) load(target);
}, { rootMargin: AHEAD });

watch(document);
document.addEventListener("htmx:load", ({ detail }) => watch(detail.elt));

function watch(root) {
  const links = root.matches?.(MORE) ? [root] : root.querySelectorAll(MORE);
  for (const link of links) if (link.dataset.more !== PRESSED) seen.observe(link);
}

// In a list of comments the link stands in a row of its own; further replies come when it is pressed.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.(`.more-item > ${MORE}`);
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  load(link);
});
const rowOf = (link) => link.closest(".more-item") ?? link;

// Whoever goes through the photos of a list one by one asks for the next page.
document.addEventListener("list:more", ({ target }) => load(target));

// ------------------------------------------------------------------ the next page

async function load(link, tries = 0) {
  if (isLoading.has(link)) return;
  isLoading.add(link);
  clear(link);
  const skeleton = showSkeleton(link);
  link.classList.toggle("skeleton", !skeleton);
  try {
    const answer = await fetch(link.href, { headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    await append(link, await answer.text());
  } catch (error) {
    fail(link, tries, error);
  } finally {
    skeleton?.remove();
    link.classList.remove("skeleton");
    isLoading.delete(link);
  }
}

async function append(link, html) {
  if (!link.isConnected) return;
  seen.unobserve(link);
  const row = rowOf(link);
  const list = row.parentElement;
  const held = document.createElement("template");
  held.innerHTML = html;
  const rows = [...held.content.children];
  const [first] = rows;
  if (first && follows(list)) first.dataset.page = new URL(link.href).search;
  const slice = list.classList.contains("cards") ? SLICE : rows.length;
  while (rows.length && link.isConnected) {
    const some = rows.splice(0, slice);
    row.before(...some);
    process(some);
    if (rows.length) await new Promise((done) => setTimeout(done));
  }
  if (link === document.activeElement) focusOn(first);
  row.remove();
}

// What has come into a list gains what it would have on a page of its own.
export function process(rows) {
  for (const row of rows) {
    htmx.process(row);
    htmx.trigger(row, "htmx:load", { elt: row, unseen: true });
  }
}

function focusOn(row) {
  if (!row) return;
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
}

function showSkeleton(link) {
  const list = link.closest(LIST);
  if (!list?.classList.contains("cards")) return null;
  const skeleton = document.createElement("div");
  skeleton.className = "skeletons";
  skeleton.setAttribute("aria-hidden", "true");
  skeleton.innerHTML = "<i></i><i></i>";
  link.after(skeleton);
  return skeleton;
}

// Say it where the next rows would be: nothing moves, nothing scrolls. Whoever waits is told too.
function fail(link, tries, error) {
  if (!link.isConnected) return;
  link.dispatchEvent(new CustomEvent("list:failed", { bubbles: true, detail: error }));
  seen.unobserve(link);
  const line = document.createElement("p");
  const again = document.createElement("button");
  line.className = "more failed";
  line.setAttribute("role", "status");
  again.type = "button";
  again.className = "button plain small";
  again.textContent = gettext("Try again");
  again.addEventListener("click", () => load(link));
  line.append(gettext("More couldn’t be loaded."), " ", again);
  link.hidden = true;
  link.after(line);
  const wait = WAITS_S[Math.min(tries, WAITS_S.length - 1)] * 1000;
  const timer = setTimeout(() => isNear(line) && load(link, tries + 1), wait);
  failed.set(link, { line, timer });
}

function isNear(element) {
  return element.getBoundingClientRect().top < 2 * innerHeight;
}

function clear(link) {
  const held = failed.get(link);
  if (!held) return;
  failed.delete(link);
  clearTimeout(held.timer);
  const focused = held.line.contains(document.activeElement);
  held.line.remove();
  link.hidden = false;
  if (focused) link.focus({ preventScroll: true });
}

addEventListener("online", () => {
  for (const link of failed.keys()) load(link);
});

// ------------------------------------------------------------------ the page before

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[rel=prev]");
  const list = document.querySelector(LIST);
  if (!link || !list || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  try {
    await (await import("./above.js")).loadAbove(link.href, list, { process, link });
  } catch {
    location.assign(link.href);
  }
});

// ------------------------------------------------------------------ the place in the list

let timer = 0;
const first = document.querySelector(`${LIST} > *`);
if (first) first.dataset.page = location.search || "?";

function follows(list) {
  return Boolean(list.closest(LIST));
}

// What stands in the middle of the window, and how far from its top.
function place() {
  if (document.querySelector("dialog[open]")) return null;
  const middle = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
  const row = middle?.closest(`${LIST} > *`);
  if (!row) return null;
  const key = row.id || row.getAttribute("href") || "";
  return key ? { row, key, top: row.getBoundingClientRect().top } : null;
}

function note() {
  clearTimeout(timer);
  const here = place();
  if (!here) return;
  const pages = [...document.querySelectorAll(`${LIST} > [data-page]`)];
  const after = Node.DOCUMENT_POSITION_FOLLOWING;
  const mark = pages.findLast((page) =>
    page === here.row || page.compareDocumentPosition(here.row) & after
  );
  const search = mark?.dataset.page ?? location.search;
  const address = location.pathname + (search === "?" ? "" : search) + location.hash;
  const state = { ...history.state, place: { key: here.key, top: here.top } };
  try {
    history.replaceState(state, "", address);
    history.scrollRestoration = "manual";
  } catch {
    // Browsers refuse more than some changes a second: the next one is as good.
  }
}

if (first) {
  addEventListener("scroll", () => {
    clearTimeout(timer);
    timer = setTimeout(note, SETTLED_MS);
  }, { passive: true });
  addEventListener("click", note, { capture: true });
  restore();
}

function restore() {
  const [entry] = performance.getEntriesByType("navigation");
  const held = history.state?.place;
  if (!held || !["back_forward", "reload"].includes(entry?.type)) return;
  const row = document.getElementById(held.key) ??
    document.querySelector(`${LIST} > [href="${CSS.escape(held.key)}"]`);
  if (!row) return;
  // What comes above it meanwhile moves it: once more each frame, until the reader does something.
  let frames = 10;
  const stop = new AbortController();
  for (const name of ["wheel", "touchstart", "keydown"]) {
    addEventListener(name, () => (frames = 0), { passive: true, signal: stop.signal });
  }
  const adjust = () => {
    scrollBy({ top: row.getBoundingClientRect().top - held.top, behavior: "instant" });
    if (--frames > 0) requestAnimationFrame(adjust);
    else stop.abort();
  };
  adjust();
}
