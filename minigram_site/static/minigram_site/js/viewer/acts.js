// What is done with a photo from its menu: share it, copy its link, delete it and have it back.
import { leave } from "../leave.js";
import { spread } from "../live.js";
import { toast } from "../toast.js";
import { gettext } from "../words.js";

const LATER = "photo deleted";

/** Do what a click in the viewer or a card asks for, if it is one of these; `close` leaves a dialog. */
export function actOn(event, { close }) {
  const element = event.target.closest("[data-share], [data-copy-link], [data-delete]");
  if (!element) return;
  event.preventDefault();
  const { share, copyLink: copied } = element.dataset;
  if (share) shareLink(new URL(share, location.href).href, titleOf(element));
  else if (copied) copyLink(new URL(copied, location.href).href);
  else deletePhoto(element, close);
  element.closest("[popover]")?.hidePopover();
}

// What is shared of a list is a photo of it.
function titleOf(element) {
  return element.closest(".card")?.getAttribute("aria-label") ?? document.title;
}

async function shareLink(url, title) {
  if (!navigator.share || !matchMedia("(any-pointer: coarse)").matches) {
    copyLink(url);
    return;
  }
  await navigator.share({ url, title }).catch(() => {}); // changed their mind
}

async function copyLink(url) {
  try {
    await navigator.clipboard.writeText(url);
    toast(gettext("Link copied"));
  } catch {
    toast(url, { seconds: 20 });
  }
}

async function deletePhoto(link, close) {
  const { delete: code, restore, after } = link.dataset;
  const card = link.closest(".card");
  const answer = await post(link.href);
  if (!answer) {
    const action = { label: gettext("Try again"), run: () => deletePhoto(link, close) };
    toast(gettext("The photo couldn’t be deleted."), { kind: "error", action });
    return;
  }
  spread(await answer.text());
  if (card) {
    const undo = takeOut(code);
    tell(restore, () => {
      undo();
      card.querySelector("[popovertarget]").focus({ preventScroll: true });
    });
  } else if (link.closest("dialog")) {
    const undo = takeOut(code);
    if (link.isConnected) close(); // else it was left before this was tried again
    tell(restore, undo);
  } else {
    sessionStorage.setItem(LATER, restore);
    location.assign(after);
  }
}

// All that shows the photo in the list, hidden until it is back.
function takeOut(code) {
  const links = document.querySelectorAll(`main a[href="/p/${code}/"]`);
  const rows = new Set([...links].map((link) => link.closest("article.card") ?? link));
  for (const row of rows) {
    leave(row);
    row.hidden = true;
  }
  return () => {
    for (const row of rows) row.hidden = false;
  };
}

function tell(restore, undo) {
  const run = async () => {
    const answer = await post(restore);
    if (answer) {
      spread(await answer.text());
      undo();
      toast(gettext("Photo restored"));
    } else {
      const text = gettext("The photo couldn’t be restored. You’ll find it in your settings.");
      toast(text, { kind: "error", action: { label: gettext("Try again"), run } });
    }
  };
  toast(gettext("Photo deleted"), { action: { label: gettext("Undo"), run }, seconds: 8 });
}

/** Say of a photo that was deleted on the page before that it can be had back. */
export function tellOfLastPage() {
  const restore = sessionStorage.getItem(LATER);
  sessionStorage.removeItem(LATER);
  if (restore) tell(restore, () => location.reload());
}

/** Send a form without fields; tells whether it worked. */
export async function post(address, options = {}) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const headers = { "X-CSRFToken": token, "HX-Request": "true" };
  try {
    const answer = await fetch(address, { method: "POST", headers, ...options });
    return answer.ok ? answer : null;
  } catch {
    return null;
  }
}
