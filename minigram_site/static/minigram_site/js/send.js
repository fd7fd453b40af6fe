// Sends a form as htmx would, and tells why it was refused: in words for people, with one way on.
const TIMEOUT_MS = 30_000;

export class Refused extends Error {
  // `href`: where to go on in another tab. `again`: whether the same request may work in a moment.
  constructor(text, { href = "", again = false } = {}) {
    super(text);
    this.href = href;
    this.again = again;
  }
}

// Send `fields` to an address; returns the text of the answer. Throws Refused.
export async function send(address, fields, { keepalive = false } = {}) {
  let answer = await sent(address, fields, keepalive);
  if (answer.status === 403) {
    const text = await answer.text();
    const fault = loginFault(new DOMParser().parseFromString(text, "text/html"));
    if (!fault.token) throw fault.refused;
    // Only the token had changed, by a log-in in another tab: once more.
    fields.set("csrfmiddlewaretoken", fault.token);
    answer = await sent(address, fields, keepalive);
  }
  if (!answer.ok) throw refusal(await answer.text());
  return answer.text();
}

async function sent(address, fields, keepalive) {
  const headers = { "HX-Request": "true" };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await fetch(address, { method: "POST", body: fields, headers, keepalive, signal });
  } catch (error) {
    const silent = error.name === "TimeoutError";
    throw new Refused(silent ? gettext("The site does not answer") : gettext("No connection"), {
      again: true,
    });
  }
}

function refusal(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const detail = page.querySelector("[data-detail]");
  return new Refused(detail ? detail.textContent.trim() : gettext("This did not work"), {
    again: true,
  });
}

function loginFault(page) {
  const notice = page.querySelector("[data-session]");
  const before = document.body.dataset.viewer;
  if (!notice) return { refused: refusal(page.documentElement.outerHTML) };
  const now = notice.dataset.session;
  if (now && now === before) {
    const token = notice.querySelector("[name=csrfmiddlewaretoken]").value;
    for (const field of document.getElementsByName("csrfmiddlewaretoken")) field.value = token;
    return { token };
  }
  if (now) {
    const words = gettext("You are logged in as @%(name)s now. Reload the page to go on.");
    return { refused: new Refused(interpolate(words, { name: now }, true)) };
  }
  const href = notice.querySelector("a")?.href ?? "";
  return { refused: new Refused(gettext("You are logged out"), { href }) };
}
