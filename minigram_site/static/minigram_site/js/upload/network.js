// Talking to the site: with the form's token, and never for ever.

import { loginFault, RENEWED } from "../session.js";
import { gettext } from "../words.js";

// A minute to wait for its turn to be decoded, and then the decoding, are no silence.
const SILENCE_MS = { sending: 30_000, sent: 120_000, asking: 60_000 };
export const FAILED = () => gettext("This didn’t work. Try again.");

/**
 * Send fields to an address; returns the answer's JSON, with `status`. `data` left out: only ask.
 * Rejects when nothing comes back. A token that a log-in elsewhere has changed is renewed once.
 */
export async function ask(address, data, { keepalive = false, renewed = false } = {}) {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), SILENCE_MS.asking);
  const response = await fetch(address, {
    method: data ? "POST" : "GET",
    body: data,
    headers: headers(),
    keepalive,
    signal: silence.signal,
  }).finally(() => clearTimeout(timer));
  const text = await response.text();
  const login = response.status === 403 ? loginFault(text) : "";
  if (login === RENEWED && !renewed) return ask(address, data, { keepalive, renewed: true });
  const answer = read(text || "{}");
  if (login && login !== RENEWED) answer.detail = login;
  return { ...answer, status: response.status };
}

/**
 * Send a file, as the field `name`, with others. `told` is called with the part that is sent, 0 to 1.
 * Returns `{promise, abort}`: the promise is one of `{status, …}`, or rejects with "lost" or "silent".
 */
export function send(address, file, told, { name = "image", fields = {} } = {}) {
  const xhr = new XMLHttpRequest();
  const promise = new Promise((resolve, reject) => {
    let silence;
    const listen = (step) => {
      clearTimeout(silence);
      silence = setTimeout(() => {
        reject("silent");
        xhr.abort();
      }, SILENCE_MS[step]);
    };
    xhr.open("POST", address);
    for (const [header, value] of Object.entries(headers())) xhr.setRequestHeader(header, value);
    xhr.upload.onprogress = (event) => {
      listen("sending");
      if (event.lengthComputable) told(event.loaded / event.total);
    };
    xhr.upload.onload = () => listen("sent");
    xhr.onload = () => {
      const login = xhr.status === 403 ? loginFault(xhr.responseText) : "";
      resolve({ ...read(xhr.responseText), status: xhr.status, login });
    };
    xhr.onerror = () => reject("lost");
    xhr.onabort = () => reject("stopped");
    xhr.onloadend = () => clearTimeout(silence);
    const data = new FormData();
    for (const [field, value] of Object.entries(fields)) data.append(field, value);
    data.append(name, file);
    listen("sending");
    xhr.send(data);
  });
  return { promise, abort: () => xhr.abort() };
}

function headers() {
  const token = document.querySelector("#upload [name=csrfmiddlewaretoken]");
  return { "X-CSRFToken": token.value, "X-Requested-With": "XMLHttpRequest" };
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    // A page: the site's answer to what is too much or too large.
    const page = new DOMParser().parseFromString(text, "text/html");
    const detail = page.querySelector("[data-detail]");
    return { detail: detail ? detail.textContent : "" };
  }
}
