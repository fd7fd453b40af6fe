// "3 new photos": asked for while the feed is in view, and shown without moving what one sees.
import { process } from "./lists.js";
import { interpolate, ngettext } from "./words.js";

const EVERY_MS = 60_000;
const list = document.querySelector("[data-news]");
let button = null;
let timer = 0;
let asked = 0;

async function ask() {
  clearTimeout(timer);
  timer = setTimeout(ask, EVERY_MS);
  if (document.visibilityState !== "visible") return;
  asked = Date.now();
  const address = `/feed/news/?cursor=p${list.dataset.news}`;
  const answer = await fetch(address, { headers: { "X-Requested-With": "fetch" } }).catch(() =>
    null
  );
  if (!answer?.ok) return;
  const { count, more } = await answer.json();
  say(count, more);
}

function say(count, more) {
  if (!count) return button?.remove();
  if (!button) {
    button = document.createElement("button");
    button.type = "button";
    button.className = "button small pill";
    button.addEventListener("click", show);
  }
  const words = ngettext("%(count)s new photo", "%(count)s new photos", count);
  const text = interpolate(words, { count: more ? `${count}+` : count }, true);
  button.dataset.more = more ? "yes" : "";
  if (button.textContent !== text) button.textContent = text;
  if (button.isConnected) return;
  const status = document.createElement("div");
  status.className = "pill-place";
  status.setAttribute("role", "status");
  list.before(status);
  status.append(button);
}

async function show() {
  const newest = list.dataset.news;
  if (button.dataset.more) return location.assign(location.pathname);
  button.disabled = true;
  try {
    const { loadAbove } = await import("./above.js");
    const address = new URL(`?cursor=p${newest}`, location.href).href;
    const first = await loadAbove(address, list, { process });
    button.parentElement.remove();
    button = null;
    if (first) lead(first);
  } catch {
    location.assign(location.pathname);
  }
}

function lead(card) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  card.tabIndex = -1;
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "start", behavior: calm ? "instant" : "smooth" });
}

if (list) {
  timer = setTimeout(ask, EVERY_MS);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && Date.now() - asked > EVERY_MS / 4) ask();
  });
}
