// The viewer on a page of its own.
import { openComments, prepareViewer } from "./stage.js";

const article = document.querySelector("article.viewer");
const own = location.pathname;
const within = document.referrer.startsWith(`${location.origin}/`) && history.length > 1;

prepareViewer(article, { close: within ? () => history.back() : null });
showComments();
addEventListener("hashchange", showComments);

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
