// Hearts, bookmarks and follows: painted when they are pressed, sent then, and undone if refused.
import { pressed, spread } from "./live.js";
import { Refused, send } from "./send.js";
import { toast } from "./toast.js";
import { answered, forgetUnlessLeft, remember, waiting } from "./unanswered.js";
import { gettext, grouped, interpolate, numberIn } from "./words.js";

const FORM = "form[data-toggle]";
// A finger that stays this long, or moves away, has pressed nothing.
const HELD_MS = 700;
// By key (data-live): what the site has, what is wanted, and how many there are.
const states = new Map();
// What a finger has painted that is still down.
let down = null;

const isMember = Boolean(document.body.dataset.viewer);
const forms = (key) => document.querySelectorAll(`${FORM}[data-live="${CSS.escape(key)}"]`);
const takesBack = (address) => /\/un\w+\/$/.test(new URL(address, location.href).pathname);
const isOn = (form) => takesBack(form.action);

function stateOf(form) {
  const key = form.dataset.live;
  if (!states.has(key)) {
    const on = isOn(form);
    const count = form.querySelector(".count");
    const number = count ? numberIn(count.textContent) : 0;
    states.set(key, { key, form, on, wanted: on, number, busy: false });
  }
  return states.get(key);
}

// Show a state in all places on this page.
function paint(state, on, { lively = false } = {}) {
  const number = Math.max(0, state.number + Number(on) - Number(state.on));
  const shown = grouped(number);
  for (const form of forms(state.key)) {
    const button = form.querySelector("button");
    if (form.dataset.toggle) sayFollow(form, button, on);
    else button.setAttribute("aria-pressed", String(on));
    form.classList.toggle("just", on && lively);
    const count = form.querySelector(".count");
    if (count) count.textContent = number || !count.classList.contains("quiet") ? shown : "";
  }
  if (!state.key.startsWith("like-")) return;
  const counts = `[data-live="${CSS.escape(state.key.replace("like-", "likes-"))}"]`;
  for (const count of document.querySelectorAll(counts)) count.textContent = shown;
}

function sayFollow(form, button, on) {
  const name = form.dataset.toggle;
  const { asks, back } = form.dataset;
  let [word, label] = [gettext("Follow"), gettext("Follow %(name)s")];
  if (on && asks !== undefined) {
    word = gettext("Requested");
    label = gettext("Requested: withdraw your request to %(name)s");
  } else if (on) {
    [word, label] = [gettext("Following"), gettext("Following: unfollow %(name)s")];
  } else if (back !== undefined) {
    [word, label] = [gettext("Follow back"), gettext("Follow back %(name)s")];
  }
  button.classList.toggle("plain", on);
  button.textContent = word;
  button.setAttribute("aria-label", interpolate(label, { name }, true));
}

// Want the other state, and bring it to the site. Further presses meanwhile are sent once, or not at all.
export function toggle(form) {
  const state = stateOf(form);
  want(state, !state.wanted);
}

// Like, and never take a like back.
export function like(form) {
  const state = stateOf(form);
  if (!state.wanted) want(state, true);
}

function want(state, on) {
  state.wanted = on;
  pressed.add(state.key);
  paint(state, on, { lively: true });
  if (!state.busy) bring(state);
}

async function bring(state) {
  state.busy = true;
  let answer = "";
  try {
    while (state.wanted !== state.on) {
      const on = state.wanted;
      // Sent also if the page is left meanwhile.
      const fields = new URLSearchParams(new FormData(state.form));
      const address = addressOf(state.form, on);
      remember(state.key, address);
      answer = await send(address, fields, { keepalive: true });
      state.number += Number(on) - Number(state.on);
      state.on = on;
    }
    answered(state.key);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    undo(state, error);
    forgetUnlessLeft(state.key);
  } finally {
    states.delete(state.key);
    pressed.delete(state.key);
  }
  if (!answer) return;
  spread(answer);
  if (state.on && state.key.startsWith("save-")) offerAlbum(state.form);
}

function addressOf(form, on) {
  const path = new URL(form.action).pathname;
  return path.replace(/\/(?:un)?(\w+)\/$/, on ? "/$1/" : "/un$1/");
}

// What was pressed on the page before and may have come too late for what this one shows.
addEventListener("pageshow", () => {
  if (!isMember) return;
  for (const { key, address } of waiting()) {
    const [form] = forms(key);
    if (form) want(stateOf(form), !takesBack(address));
    else sendAgain(key, address);
  }
});

async function sendAgain(key, address) {
  const { value } = document.querySelector("[name=csrfmiddlewaretoken]");
  const fields = new URLSearchParams({ csrfmiddlewaretoken: value });
  try {
    spread(await send(address, fields, { keepalive: true }));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.message) toast(error.message, { kind: "error" });
  }
  answered(key);
}

function undo(state, refused) {
  const wanted = state.wanted;
  paint(state, state.on);
  if (!refused.message) return;
  const again = { label: gettext("Try again"), run: () => pressAgain(state.form, wanted) };
  toast(refused.message, { kind: "error", action: refused.again ? again : undefined });
}

function pressAgain(form, wanted) {
  const [held] = forms(form.dataset.live);
  const state = stateOf(held ?? form);
  if (state.wanted !== wanted) want(state, wanted);
}

function offerAlbum(form) {
  const album = addressOf(form, true);
  const action = { label: gettext("Add to album"), run: () => location.assign(album) };
  toast(gettext("Saved"), { action });
}

// Paint while the finger is still down; `submit` says that it was a press.
document.addEventListener("pointerdown", (event) => {
  const form = isMember && event.isPrimary && event.button === 0 && formOf(event.target);
  if (!form) return;
  const state = stateOf(form);
  down = { state, timer: setTimeout(lift, HELD_MS) };
  paint(state, !state.wanted, { lively: true });
}, { passive: true });

document.addEventListener("pointercancel", lift);
document.addEventListener("pointerup", (event) => {
  if (down && formOf(event.target) !== down.state.form) lift();
});

function formOf(target) {
  return target.closest?.("button")?.closest(FORM) ?? null;
}

function lift() {
  if (!down) return;
  const { state, timer } = down;
  down = null;
  clearTimeout(timer);
  paint(state, state.wanted);
  if (!state.busy) states.delete(state.key);
}

document.addEventListener("submit", (event) => {
  if (!isMember || !event.target.matches(FORM)) return;
  event.preventDefault();
  if (down) clearTimeout(down.timer);
  down = null;
  toggle(event.target);
});

document.addEventListener("animationend", ({ target }) => {
  target.closest?.(".just")?.classList.remove("just");
});
