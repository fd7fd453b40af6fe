// What every page gains with JavaScript; all of them work without it.

import { closeFaults, toast } from "./toast.js";
import { gettext } from "./words.js";
import "./times.js";
import "./live.js";
import "./likes.js";
import "./lists.js";
import "./carousel.js";
import "./viewer/start.js";

if ("serviceWorker" in navigator && isSecureContext) {
  navigator.serviceWorker.register("/sw.js");
}

// What few pages need comes when it is needed.
document.addEventListener("submit", async (event) => {
  const { target, submitter } = event;
  if (!target.matches("form[data-undo], form.theme")) return;
  event.preventDefault();
  try {
    if (target.matches(".theme")) (await import("./theme.js")).choose(target, submitter);
    else (await import("./undo.js")).hold(target);
  } catch {
    // The script has not come: as without scripts, and not lost.
    const { name, value } = submitter ?? {};
    const pressed = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    if (name) target.append(pressed);
    target.submit();
  }
});
// Where it may be needed it is there before somebody presses a button and leaves.
if (document.querySelector("form[data-undo]")) import("./undo.js").catch(() => {});
document.addEventListener("focusin", ({ target }) => {
  if (target.matches("textarea[data-mentions]")) import("../mentions.js");
});

// What the server has to say of the act before: the same toasts as those of scripts.
const messages = document.getElementById("messages");
for (const message of messages?.querySelectorAll(".message") ?? []) {
  const text = message.querySelector("p").textContent.trim();
  if (message.classList.contains("error")) fault(text);
  else toast(text, undoOf(message.querySelector("form")));
}
messages?.remove();

// A phone asks for the photos at once, and carries them to the page of a new photo.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".nav [href$='/upload/']:not([aria-current])");
  if (!link || !matchMedia("(pointer: coarse)").matches) return;
  event.preventDefault();
  import("./upload/plus.js").then(({ choose }) => choose(link.href), () => {
    location.assign(link.href);
  });
});

// Who logs out leaves none of them behind.
document.addEventListener("submit", ({ target }) => {
  if (target.matches("form[action$='/logout/']")) {
    globalThis.indexedDB?.deleteDatabase("minigram-upload");
  }
});

// A message may have a form that takes back what it tells of.
function undoOf(form) {
  if (!form) return {};
  form.hidden = true;
  document.body.append(form);
  const label = form.querySelector("button").textContent.trim();
  return { action: { label, run: () => form.requestSubmit() }, seconds: 8 };
}

// What htmx could not do: say so.
document.addEventListener("htmx:responseError", async ({ detail }) => {
  if (!detail.elt.matches("[data-quiet]")) (await import("./session.js")).tell(detail);
});
document.addEventListener("htmx:sendError", ({ detail }) => {
  if (!detail.elt.matches("[data-quiet]")) {
    const { elt } = detail;
    const again = { label: gettext("Try again"), run: () => elt.requestSubmit() };
    const text = gettext("The site can’t be reached. Nothing is lost: try again in a moment.");
    fault(text, elt.requestSubmit && again);
  }
});
document.addEventListener("htmx:timeout", () => {
  fault(
    gettext(
      "The site doesn’t answer. Try again in a moment; check first whether it’s already there.",
    ),
  );
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful) closeFaults();
});

function fault(text, action) {
  toast(text, { kind: "error", seconds: 10, action });
}
