// The log-in behind a page ends or changes: nothing is lost.

import { toast } from "./toast.js";
import { gettext, interpolate } from "./words.js";

export const RENEWED = "renewed";

// What a script has to tell of an answer 403: "" if it is not about the log-in, RENEWED if only the
// token had changed (a log-in in another tab) and the same request may be sent once more.
export function loginFault(answer) {
  const page = new DOMParser().parseFromString(answer, "text/html");
  const notice = page.querySelector("[data-session]");
  const before = document.body.dataset.viewer;
  if (!notice) return "";
  const now = notice.dataset.session;
  if (now && now === before) {
    const token = notice.querySelector("[name=csrfmiddlewaretoken]").value;
    for (const field of document.getElementsByName("csrfmiddlewaretoken")) field.value = token;
    return RENEWED;
  }
  if (now) {
    const text = gettext(
      "You’re logged in as @%s now. Reload the page to continue with this account.",
    );
    return say(interpolate(text, [now]));
  }
  const link = notice.querySelector("a");
  if (!before && link) location.assign(link.href);
  const text = gettext(
    "You are logged out. Log in in another tab, then try again: nothing is lost.",
  );
  return say(text, link && { label: gettext("Log in"), href: link.href });
}

// Faults stay until they are closed, or something has worked.
function say(text, action) {
  toast(text, { action, kind: "error", seconds: 0 });
  return text;
}

// An answer that htmx does not put into the page (too large, too fast, broken): say what it says.
export function tell({ elt, xhr }) {
  const fault = xhr.status === 403 ? loginFault(xhr.responseText) : "";
  if (fault === RENEWED && !elt.renewed) {
    elt.renewed = true; // once: without cookies no token is ever right
    setTimeout(() => sendAgain(elt)); // htmx may drop what is sent before this one has ended
    return;
  }
  elt.renewed = false;
  if (fault && fault !== RENEWED) return;
  const answer = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const detail = answer.querySelector("[data-detail]");
  const again = { label: gettext("Try again"), run: () => elt.requestSubmit() };
  const mayWork = elt.requestSubmit && (xhr.status >= 500 || xhr.status === 429);
  say(detail ? detail.textContent : gettext("This didn’t work. Try again."), mayWork && again);
}

function sendAgain(element) {
  if (element.requestSubmit) element.requestSubmit();
  else htmx.trigger(element, "revealed");
}
