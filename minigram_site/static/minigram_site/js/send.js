// Sends a form as htmx would, and tells why it was refused.
import { gettext } from "./words.js";

const TIMEOUT_MS = 30_000;

export class Refused extends Error {
  // In words for people; empty if they have been told. `again`: whether it may work in a moment.
  constructor(text, { again = false } = {}) {
    super(text);
    this.again = again;
  }
}

// Send `fields` to an address; returns the text of the answer, "" if it leads to a page. Throws Refused.
export async function send(address, fields, { keepalive = false } = {}) {
  let answer = await sent(address, fields, keepalive);
  if (answer.status === 403) {
    const text = await answer.text();
    const { loginFault, RENEWED } = await import("./session.js");
    const fault = loginFault(text);
    if (fault !== RENEWED) throw fault ? new Refused("") : refusal(text);
    // Only the token had changed, by a log-in in another tab: once more.
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    fields.set("csrfmiddlewaretoken", token);
    answer = await sent(address, fields, keepalive);
  }
  if (!answer.ok) throw refusal(await answer.text());
  return answer.redirected ? "" : answer.text();
}

async function sent(address, fields, keepalive) {
  const headers = { "HX-Request": "true" };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await fetch(address, { method: "POST", body: fields, headers, keepalive, signal });
  } catch (error) {
    const silent = error.name === "TimeoutError";
    throw new Refused(silent ? gettext("The site doesn’t answer") : gettext("No connection"), {
      again: true,
    });
  }
}

function refusal(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const detail = page.querySelector("[data-detail]");
  return new Refused(detail ? detail.textContent.trim() : gettext("This didn’t work"), {
    again: true,
  });
}
