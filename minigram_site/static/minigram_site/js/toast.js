// Toasts: short answers above the page, which never move it.

import { gettext } from "./words.js";

const SECONDS = 5;
// There before anything is said, so that assistive technology listens to it.
const list = document.createElement("div");
Object.assign(list, { id: "toasts", className: "toasts", popover: "manual", role: "status" });
document.body.append(list);

/**
 * Say `text` for some seconds; time stands still while the pointer or the focus is on it.
 *
 * `action` is one thing to do about it: `{label, run}` calls a function, `{label, href}` leads to a
 * page in another tab. `kind` is "error" or nothing. `seconds: 0` stays until it is closed. Returns a
 * function that closes it.
 */
export function toast(text, { action, kind = "", seconds = SECONDS } = {}) {
  const item = document.createElement("div");
  item.className = `toast ${kind}`;
  const words = document.createElement("p");
  words.textContent = text;
  item.append(words);
  let timer = 0;
  const close = () => {
    clearTimeout(timer);
    leaveFocus(item);
    item.remove();
    settle();
  };
  if (action) item.append(actionOf(action, close));
  item.append(closer(close));
  for (const same of list.children) if (same.firstChild.textContent === text) same.remove();
  list.append(item);
  raise();
  const wait = () => {
    clearTimeout(timer);
    if (seconds) timer = setTimeout(close, seconds * 1000);
  };
  const held = () => item.matches(":hover, :focus-within");
  for (const name of ["pointerenter", "focusin"]) {
    item.addEventListener(name, () => clearTimeout(timer));
  }
  for (const name of ["pointerleave", "focusout"]) {
    item.addEventListener(name, () => setTimeout(() => held() || wait()));
  }
  item.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  wait();
  return close;
}

/** Close every toast that tells of a fault: what it was about has worked by now. */
export function closeFaults() {
  for (const item of list.querySelectorAll(".toast.error")) item.remove();
  settle();
}

function settle() {
  if (!list.childElementCount && list.matches(":popover-open")) list.hidePopover();
}

// Above everything, dialogs included: outside of an open one nothing could be pressed.
function raise() {
  const host = [...document.querySelectorAll("dialog:modal")].at(-1) ?? document.body;
  if (list.parentNode !== host) {
    host.append(list);
    host.addEventListener("close", back, { once: true });
  }
  if (!list.showPopover) return;
  if (list.matches(":popover-open")) list.hidePopover();
  if (list.childElementCount) list.showPopover();
}

function back() {
  document.body.append(list);
  raise();
}

function actionOf({ label, run, href }, close) {
  const element = document.createElement(href ? "a" : "button");
  element.className = "link";
  element.textContent = label;
  if (href) Object.assign(element, { href, target: "_blank" });
  else {
    element.type = "button";
    element.addEventListener("click", () => {
      close();
      run();
    });
  }
  return element;
}

function closer(close) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "close";
  button.textContent = "×";
  button.setAttribute("aria-label", gettext("Close"));
  button.addEventListener("click", close);
  return button;
}

// The focus goes back to the page, and stays where the page is.
function leaveFocus(item) {
  if (!item.contains(document.activeElement)) return;
  document.getElementById("main")?.focus({ preventScroll: true });
}
