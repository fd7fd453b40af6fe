// An archive of gigabytes is sent in parts, one after the other; what is lost of it is one part.
import { RENEWED } from "./session.js";
import { ask, FAILED, send } from "./upload/network.js";
import { gettext, interpolate } from "./words.js";

// Milliseconds between tries after a part is lost: a train comes out of its tunnel meanwhile.
const PAUSES = [1000, 3000, 10_000, 30_000];
// A wrong offset or a new token are put right at once; more often than that they are a fault.
const CORRECTIONS = 5;

class Refused extends Error {}

prepare();
// The form comes back with a part of the page, once an import is over.
document.addEventListener("htmx:afterSwap", prepare);

function prepare() {
  const form = document.getElementById("upload");
  if (!form || form.dataset.ready) return;
  form.dataset.ready = "yes";
  form.querySelector("[data-without-script]").hidden = true;
  form.querySelector("[data-with-script]").hidden = false;
  form.addEventListener("submit", (event) => {
    const [file] = form.querySelector("input[type=file]").files;
    if (!file) return; // the site says what is missing
    event.preventDefault();
    bring(form, file);
  });
}

async function bring(form, file) {
  const button = form.querySelector("button");
  const fault = form.querySelector("[data-fault]");
  const sending = form.querySelector("[data-sending]");
  const leaving = (event) => event.preventDefault();
  fault.hidden = true;
  sending.hidden = false;
  button.disabled = true;
  addEventListener("beforeunload", leaving);
  try {
    await sendAll(form, file);
    removeEventListener("beforeunload", leaving);
    location.assign(location.pathname);
  } catch (error) {
    fault.textContent = error instanceof Refused ? error.message : FAILED();
    fault.hidden = false;
    sending.hidden = true;
    button.disabled = false;
    if (!(error instanceof Refused)) throw error;
  } finally {
    removeEventListener("beforeunload", leaving);
  }
}

async function sendAll(form, file) {
  const about = new FormData();
  about.append("name", file.name);
  about.append("size", file.size);
  const begun = await ask(form.dataset.begin, about).catch(() => ({}));
  if (begun.status !== 200) throw new Refused(begun.detail || FAILED());
  let { received } = begun;
  let faults = 0;
  let corrections = 0;
  while (received < file.size) {
    tell(form, received, file.size);
    const part = file.slice(received, received + begun.part_size);
    const answer = await sent(form, part, received, file.size);
    if (answer.status === 200) {
      ({ received } = answer);
      faults = corrections = 0;
    } else if (answer.status === 409 && "received" in answer && corrections < CORRECTIONS) {
      corrections += 1;
      ({ received } = answer); // an answer was lost, not its part
    } else if (answer.login === RENEWED && corrections < CORRECTIONS) {
      corrections += 1;
    } else if (answer.again && faults < PAUSES.length) {
      told(form, gettext("The connection was lost. The upload continues when you’re back online."));
      await pause(PAUSES[faults]);
      faults += 1;
    } else throw new Refused(answer.login || answer.detail || FAILED());
  }
  tell(form, received, file.size);
}

// What the site says of a part; `again` where it may say something else in a moment.
async function sent(form, part, offset, size) {
  const progress = (share) => tell(form, offset + share * part.size, size);
  const options = { name: "part", fields: { offset } };
  try {
    const { promise } = send(form.dataset.parts, part, progress, options);
    const answer = await promise;
    return { ...answer, again: answer.status >= 500 && answer.status !== 507 };
  } catch {
    if (await part.slice(0, 1).arrayBuffer().then(() => true, () => false)) return { again: true };
    return { detail: gettext("This file can’t be read any more. Choose it again.") };
  }
}

// Until then, or until the browser says that it is online again.
function pause(milliseconds) {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
    addEventListener("online", resolve, { once: true });
  });
}

function tell(form, received, size) {
  form.querySelector("progress").value = received / size;
  told(
    form,
    interpolate(gettext("%s percent of the archive have been sent."), [floor(received / size)]),
  );
}

function floor(share) {
  return String(Math.floor(share * 100));
}

function told(form, text) {
  const line = form.querySelector("[data-told]");
  if (line.textContent !== text) line.textContent = text;
}
