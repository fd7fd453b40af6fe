// What every page gains with JavaScript; all of them work without it.

import { closeFaults, toast } from "./toast.js";
import { gettext } from "./words.js";
import "./session.js";
import "./theme.js";
import "./times.js";
import "./carousel.js";

if ("serviceWorker" in navigator && isSecureContext) {
  navigator.serviceWorker.register("/sw.js");
}

// What the server has to say of the act before: the same toasts as those of scripts.
const messages = document.getElementById("messages");
for (const message of messages?.querySelectorAll(".message") ?? []) {
  const text = message.querySelector("p").textContent.trim();
  if (message.classList.contains("error")) fault(text);
  else toast(text);
}
messages?.remove();

// What htmx could not do: say so.
const AGAIN_AFTER_MS = 5000;
document.addEventListener("htmx:sendError", () => {
  fault(gettext("The site cannot be reached. Nothing is lost: try again in a moment."));
});
document.addEventListener("htmx:timeout", () => {
  fault(
    gettext(
      "The site does not answer. Try again in a moment; look first whether it is there already.",
    ),
  );
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful) closeFaults();
  // Then scrolling asks for the next rows once more.
  else setTimeout(() => detail.elt.removeAttribute("data-hx-revealed"), AGAIN_AFTER_MS);
});

function fault(text) {
  toast(text, { kind: "error", seconds: 10 });
}
