// Sending: a few files at a time, tried again after a loss, then their turns and crops.

import { changed, entries, remove } from "./entries.js";
import { isPicture } from "./files.js";
import { ask, FAILED, send } from "./network.js";
import { RENEWED } from "../session.js";
import { gettext } from "../words.js";
import { rendered } from "./pictures.js";

const AT_ONCE = 2;
const AGAIN_MS = 10_000;
// One turns a picture several times: the last one counts.
const CALM_MS = 600;
const ASK_MS = [800, 1500, 3000, 5000];
const form = document.getElementById("upload");
const media = form.dataset.media;

const LOST = () =>
  gettext("The connection was lost. The upload continues when you’re back online.");
const SILENT = () => gettext("The site doesn’t answer. We will try again in a moment.");
const UNREADABLE = () => gettext("This file can’t be read any more. Choose it again.");

let refused = () => {};

/** Call `listener` with the name of a file and a sentence when the site refuses it. */
export function onRefused(listener) {
  refused = listener;
}

/** Start what waits. */
export function pump() {
  let sending = entries.filter((entry) => entry.state === "sending").length;
  for (const entry of entries) {
    if (entry.state === "waiting" && sending < AT_ONCE) {
      sending += 1;
      upload(entry);
    }
    if (entry.state === "done" && entry.dirty) adjust(entry);
  }
  changed();
}

/** Let a picture be sent, perhaps once more. */
export function wait(entry) {
  Object.assign(entry, { id: "", state: "waiting", fault: "", part: 0 });
}

/** Try everything again that was lost. */
export function again() {
  entries.filter((entry) => entry.state === "lost").forEach(wait);
  pump();
}

/** Stop sending a picture, and let the site throw away what has arrived of it. */
export function stop(entry) {
  entry.stopped = true;
  entry.sending?.abort();
  if (entry.id) ask(`${media}${entry.id}/discard/`, new FormData()).catch(() => {});
}

/** Take a picture out of the strip for a reason that is told. */
export function refuse(entry, reason) {
  stop(entry);
  remove(entry);
  refused(entry.name, reason);
}

/** Turn and crop a picture: painted at once, told to the site a little later. */
export async function change(entry, turn, crop) {
  Object.assign(entry, { turn, crop, dirty: true, changes: (entry.changes ?? 0) + 1 });
  await paint(entry);
  clearTimeout(entry.calm);
  entry.pending = true;
  entry.calm = setTimeout(() => {
    entry.pending = false;
    pump();
  }, CALM_MS);
}

/** Paint what turn and crop leave of a picture. */
export async function paint(entry) {
  const wanted = entry.changes;
  const before = entry.shown;
  const shown = entry.whole
    ? await rendered(entry.whole, entry.turn, entry.crop).catch(() => "")
    : "";
  if (wanted !== entry.changes) return; // turned again meanwhile
  entry.shown = shown;
  if (before.startsWith("blob:") && before !== entry.whole) URL.revokeObjectURL(before);
  changed();
}

async function upload(entry) {
  entry.state = "sending";
  entry.sending = send(media, entry.file, (part) => {
    entry.part = part;
    changed();
  });
  try {
    arrived(entry, await entry.sending.promise);
  } catch (reason) {
    if (entry.stopped) return;
    if (reason === "lost") await lost(entry);
    else {
      Object.assign(entry, { state: "lost", fault: SILENT() });
      setTimeout(() => {
        if (entry.state !== "lost") return;
        wait(entry);
        pump();
      }, AGAIN_MS);
    }
  }
  pump();
}

async function lost(entry) {
  const readable = await isPicture(entry.file).catch(() => false);
  if (readable) Object.assign(entry, { state: "lost", fault: LOST() });
  else refuse(entry, UNREADABLE());
}

function arrived(entry, answer) {
  if (answer.status === 201) {
    Object.assign(entry, { id: answer.id, state: "done", fault: "", renewed: false });
    if (entry.stopped) stop(entry);
    else take(entry, answer);
  } else if (answer.login === RENEWED && !entry.renewed) {
    entry.renewed = true;
    wait(entry);
  } else if (answer.login || answer.status >= 500 || answer.status === 429) {
    const text = answer.login === RENEWED ? "" : answer.login;
    Object.assign(entry, { state: "lost", fault: text || answer.detail || FAILED() });
  } else refuse(entry, answer.detail || FAILED());
}

/** Take over what the site says of an upload; asks again until its pictures are made. */
export function take(entry, answer, tries = 0) {
  entry.digest = answer.digest;
  if (answer.state === "failed") {
    const cropped = entry.crop.length > 0;
    if (!cropped) refuse(entry, answer.reason);
    else {
      refused(entry.name, answer.reason);
      change(entry, entry.turn, []);
    }
    return;
  }
  if (!entry.whole && answer.whole) {
    entry.whole = answer.whole;
    paint(entry);
  }
  if (answer.state !== "processing") return;
  setTimeout(async () => {
    if (!entries.includes(entry) || entry.id !== answer.id) return;
    const now = await ask(`${media}${entry.id}/`).catch(() => answer);
    if (now.id === entry.id) take(entry, now, tries + 1);
  }, ASK_MS[Math.min(tries, ASK_MS.length - 1)]);
}

async function adjust(entry) {
  if (entry.adjusting || entry.pending) return;
  const { turn, crop } = entry;
  const data = new FormData();
  data.append("turn", turn);
  data.append("crop", crop.join(","));
  entry.adjusting = true;
  let failed = false;
  try {
    const answer = await ask(`${media}${entry.id}/adjust/`, data);
    if (answer.id) take(entry, answer);
    else if (answer.status === 404) wait(entry);
    else failed = true;
  } catch {
    failed = true;
  }
  entry.adjusting = false;
  if (failed) setTimeout(pump, AGAIN_MS);
  else {
    entry.dirty = entry.turn !== turn || String(entry.crop) !== String(crop);
    pump();
  }
}
