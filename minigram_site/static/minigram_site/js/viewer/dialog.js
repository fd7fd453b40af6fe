// A photo in a dialog over the list it was opened from: Back and Esc close it, the list stands as it stood.
import { PhotoList } from "./list.js";
import { forgetPhotos, loadPhoto } from "./loading.js";
import { openComments, prepareViewer } from "./stage.js";
import { showBelow } from "../live.js";
import { closeFaults, toast } from "../toast.js";
import { gettext } from "../words.js";

let shown = null; // {dialog, frame, list, link, title} while a photo is open
let turning = false;

/** Open the photo of a link in a page, if it is wanted when it has come. Rejects if it cannot be loaded. */
export async function open(link, wait) {
  const list = new PhotoList(link);
  const photo = await loadPhoto(link.pathname);
  if (!wait.end() || shown) return;
  list.keepMore();
  history.pushState({ viewer: link.pathname }, "", link.pathname);
  show(list, link, photo);
  if (link.hash) openComments(photo.article);
}

function show(list, link, photo) {
  const dialog = document.createElement("dialog");
  const frame = document.createElement("div");
  dialog.className = "viewer-dialog";
  dialog.setAttribute("aria-labelledby", "photo-title");
  dialog.append(frame);
  document.body.append(dialog);
  shown = { dialog, frame, list, link, title: document.title };
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    if (!isWriting()) leave();
  });
  dialog.addEventListener("close", () => {
    if (shown?.dialog === dialog) leave();
    dialog.remove();
  });
  dialog.addEventListener("keydown", pressed);
  grow(link.querySelector("img"), () => {
    dialog.showModal();
    put(photo);
  });
}

// The picture that was opened grows into the page, where the browser can.
function grow(image, change) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (calm || !image || !document.startViewTransition) {
    change();
    return;
  }
  image.style.viewTransitionName = "photo";
  const transition = document.startViewTransition(() => {
    image.style.viewTransitionName = "";
    change();
  });
  transition.ready.catch(() => {}); // skipped by the next one
}

function put({ article, title }) {
  const { frame, list } = shown;
  const turned = document.activeElement?.dataset.turn;
  const isNew = !article.dataset.ready;
  frame.replaceChildren(article);
  document.title = title;
  if (isNew) {
    article.dataset.ready = "yes";
    globalThis.htmx.process(article);
    prepareViewer(article, { turn, close: leave });
    article.dispatchEvent(
      new CustomEvent("htmx:load", { bubbles: true, detail: { elt: article } }),
    );
  }
  showTurns(article, list);
  const button = turned && article.querySelector(`[data-turn="${turned}"]:not([hidden])`);
  (button || article.querySelector("[data-close]")).focus({ preventScroll: true });
  preload(article, list);
}

function showTurns(article, list) {
  const paths = [...list.links.keys()];
  const at = paths.indexOf(list.current);
  article.querySelector('.stage > [data-turn="-1"]').hidden = at <= 0;
  article.querySelector('.stage > [data-turn="1"]').hidden = at + 1 >= paths.length && !list.more;
}

// The next one is there before it is asked for, and with it the list's next page.
async function preload(article, list) {
  // What fails now is told of when it is asked for.
  const next = await list.neighbour(1).catch(() => null);
  keepAddress();
  if (shown && article.isConnected) showTurns(article, list);
  if (next) await loadPhoto(next).catch(() => {});
}

// What loads pages of a list may write how far it has got into the address: that is the photo's.
function keepAddress() {
  if (!shown || location.pathname === shown.list.current) return;
  history.replaceState({ viewer: shown.list.current }, "", shown.list.current);
}

/** Show the photo `step` further in the list, if there is one; tells whether there was. */
async function turn(step) {
  if (turning || !shown) return false;
  turning = true;
  const { list } = shown;
  try {
    const path = await list.neighbour(step);
    if (!path || !shown) return false;
    const photo = await loadPhoto(path);
    list.current = path;
    history.replaceState({ viewer: path }, "", path);
    put(photo);
    closeFaults();
    return true;
  } catch (error) {
    if (shown?.list === list) tellOf(error, step);
    return false;
  } finally {
    turning = false;
  }
}

function tellOf({ name }, step) {
  const words = {
    TypeError: gettext("No connection"), // what fetch says of it
    TimeoutError: gettext("The site doesn’t answer"),
  };
  toast(words[name] ?? gettext("This didn’t work"), {
    kind: "error",
    action: { label: gettext("Try again"), run: () => turn(step) },
  });
}

function pressed(event) {
  const step = { j: 1, k: -1 }[event.key];
  const typing = event.target.closest("input, textarea, select");
  if (!step || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  turn(step);
}

function isWriting() {
  const field = document.activeElement;
  if (!field?.matches("textarea") || !field.value) return false;
  field.blur();
  shown.dialog.querySelector("[data-close]").focus({ preventScroll: true });
  return true;
}

function leave() {
  history.back();
}

function close() {
  const { dialog, list, link, title } = shown;
  shown = null;
  showBelow(dialog);
  document.title = title;
  const now = list.links.get(list.current) ?? link;
  if (document.fullscreenElement) document.exitFullscreen();
  dialog.close();
  dialog.remove();
  // After the browser has gone back to where the list stood.
  const come = () => now.scrollIntoView({ block: "nearest" });
  if (now !== link) requestAnimationFrame(() => requestAnimationFrame(come));
  now.focus({ preventScroll: true });
  forgetPhotos();
}

// What htmx asks for the list is asked of the list's address.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (!shown?.list.place.contains(detail.elt)) return;
  const { pathname, search } = new URL(detail.path, shown.list.address);
  detail.path = pathname + search;
});

addEventListener("popstate", (event) => {
  const path = event.state?.viewer;
  if (shown && !path && !isPhotoHere()) close();
  else if (!shown && path) location.reload();
});

function isPhotoHere() {
  return location.pathname === shown.list.current;
}
