// The menu of a profile: its address is copied, or given to another program of the device.

import { toast } from "./toast.js";
import { gettext } from "./words.js";

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => copy(button));
}
for (const button of document.querySelectorAll("[data-share]")) {
  const shared = { url: button.dataset.share, title: button.dataset.title };
  button.hidden = !navigator.canShare?.(shared);
  button.addEventListener("click", () => {
    close(button);
    navigator.share(shared).catch(() => {}); // nobody was chosen
  });
}

async function copy(button) {
  close(button);
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    toast(gettext("Link copied"));
  } catch {
    toast(gettext("The browser doesn’t allow copying. The link is in its address bar."), {
      kind: "error",
    });
  }
}

function close(button) {
  button.closest("[popover]")?.hidePopover();
}
