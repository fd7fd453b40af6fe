// The log-in behind a page ends or changes, and "Back" shows the page as it was: nothing is lost or stale.

import { toast } from "./toast.js";
import { gettext, interpolate } from "./words.js";

export const RENEWED = "renewed";
const DONE = "done";
let shownAt = Date.now();

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
      "You are logged in as @%s now. Reload the page to go on with this account.",
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

// Scripts that are no modules yet.
Object.assign(globalThis, { loginFault, RENEWED });

// An answer that htmx does not put into the page (too large, too fast, broken): say what it says.
document.addEventListener("htmx:responseError", (event) => {
  const { elt, xhr } = event.detail;
  const fault = xhr.status === 403 ? loginFault(xhr.responseText) : "";
  if (fault === RENEWED && !elt.renewed) {
    elt.renewed = true; // once: without cookies no token is ever right
    sendAgain(elt);
    return;
  }
  elt.renewed = false;
  if (fault && fault !== RENEWED) return;
  const answer = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const detail = answer.querySelector("[data-detail]");
  say(detail ? detail.textContent : gettext("This did not work. Try again."));
});

function sendAgain(element) {
  if (element.requestSubmit) element.requestSubmit();
  else htmx.trigger(element, "revealed");
}

// When something was done to a page: the one it is sent from, the one that stands above its address.
document.addEventListener("submit", (event) => {
  const done = JSON.parse(sessionStorage.getItem(DONE) || "{}");
  for (const address of [location.href, new URL("..", event.target.action)]) {
    done[new URL(address).pathname] = Date.now();
  }
  sessionStorage.setItem(DONE, JSON.stringify(done));
}, true);

// "Back" may show a page as it was left. What was done since is taken from the pages where it was done.
addEventListener("pageshow", async (event) => {
  const done = Object.entries(JSON.parse(sessionStorage.getItem(DONE) || "{}"));
  const since = shownAt;
  shownAt = Date.now();
  if (!event.persisted) return;
  const pages = done.filter(([, when]) => when >= since).map(([page]) => page);
  if (pages.length) pages.push(location.href);
  for (const page of pages) await refresh(page).catch(() => {}); // offline: as it was
});

async function refresh(address) {
  const answer = await fetch(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const fresh of page.querySelectorAll("[data-live]")) {
    for (const old of document.querySelectorAll(`[data-live="${fresh.dataset.live}"]`)) {
      const copy = document.importNode(fresh, true);
      old.replaceWith(copy);
      htmx.process(copy);
    }
  }
}
