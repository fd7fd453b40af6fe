// Letters as keys: the cards of a list, hearts, comments, search, and a sheet that tells of them.
import { gettext } from "../words.js";
import { fullScreen, openComments } from "./stage.js";

const KEYS = () => [
  ["← →", gettext("Previous or next photo")],
  ["J K", gettext("Next or previous photo in a list")],
  ["L", gettext("Like")],
  ["C", gettext("Comment")],
  ["S", gettext("Save")],
  ["F", gettext("Full screen")],
  ["/", gettext("Search")],
  ["Esc", gettext("Close")],
  ["?", gettext("Show this list")],
];

/** Do what a key stands for on this page, if it stands for anything. */
export function press(key) {
  const viewer = [...document.querySelectorAll("article.viewer")].at(-1);
  const scope = viewer ?? currentCard();
  if (key === "?") showKeys();
  else if (key === "/") search();
  else if ((key === "j" || key === "k") && !viewer) go(key === "j" ? 1 : -1);
  else if (key === "f" && viewer) fullScreen(viewer.querySelector(".stage"));
  else if (key === "l") scope?.querySelector("form.like button")?.click();
  else if (key === "s") scope?.querySelector("form.save button")?.click();
  else if (key === "c" && viewer) openComments(viewer);
  else if (key === "c") scope?.querySelector('a[href$="#comments"]')?.click();
}

function cards() {
  return [...document.querySelectorAll("main article.card")].filter((card) => card.offsetParent);
}

// The one that holds the focus, else the first that is half in the window.
function currentCard() {
  const all = cards();
  const focused = all.find((card) => card.contains(document.activeElement));
  return focused ?? all.find((card) => card.getBoundingClientRect().bottom > innerHeight / 2);
}

function go(step) {
  const all = cards();
  const here = currentCard();
  const passed = here?.contains(document.activeElement) || here?.getBoundingClientRect().top < -10;
  const to = all[all.indexOf(here) + (passed || step < 0 ? step : 0)];
  if (!to) return;
  to.tabIndex = -1;
  to.focus({ preventScroll: true });
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  to.scrollIntoView({ block: "start", behavior: calm ? "instant" : "smooth" });
}

function search() {
  const field = document.querySelector("main input[type=search]");
  if (field) field.focus();
  else location.assign("/search/");
}

function showKeys() {
  if (document.querySelector("dialog.keys[open]")) return;
  const sheet = document.createElement("dialog");
  const title = document.createElement("h2");
  const list = document.createElement("dl");
  const close = document.createElement("button");
  sheet.className = "keys";
  sheet.setAttribute("aria-labelledby", "keys-title");
  title.id = "keys-title";
  title.textContent = gettext("Keyboard shortcuts");
  for (const [key, meaning] of KEYS()) {
    const term = document.createElement("dt");
    const words = document.createElement("dd");
    for (const part of key.split(" ")) {
      const cap = document.createElement("kbd");
      cap.textContent = part;
      term.append(cap, " ");
    }
    words.textContent = meaning;
    list.append(term, words);
  }
  close.className = "button plain";
  close.textContent = gettext("Close");
  close.addEventListener("click", () => sheet.close());
  sheet.addEventListener("close", () => sheet.remove());
  sheet.append(title, list, close);
  document.body.append(sheet);
  sheet.showModal();
}
