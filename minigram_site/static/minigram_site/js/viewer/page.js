// The viewer on a page of its own.
import { openComments, prepareViewer } from "./stage.js";

const article = document.querySelector("article.viewer");
const own = location.pathname;
const within = document.referrer.startsWith(`${location.origin}/`) && history.length > 1;

prepareViewer(article, { close: within ? () => history.back() : null });
showComments();
addEventListener("hashchange", showComments);

// Esc closes what is open over the photo first: a menu, the sheet of comments, a toast.
const OPEN = "dialog[open], :popover-open:not(#toasts)";
const TYPING = "input, textarea, select, [contenteditable], .toast";

document.addEventListener("keydown", (event) => {
  const special = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || special) return;
  if (document.fullscreenElement || document.querySelector(OPEN)) return;
  if (!event.target.closest?.(TYPING)) article.querySelector("[data-close]")?.click();
});

function showComments() {
  if (!location.hash.startsWith("#comment")) return;
  const comment = document.querySelector(location.hash);
  openComments(article);
  comment?.scrollIntoView({ block: "nearest" });
}

// This page was loaded where a dialog over a list had been: what lies behind it is another page.
addEventListener("popstate", () => {
  if (location.pathname !== own) location.reload();
});
