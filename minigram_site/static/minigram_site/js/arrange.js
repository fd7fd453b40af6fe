// Drags the photos of an album to their places, beside the buttons, which do the same.

import { toast } from "./toast.js";
import { gettext } from "./words.js";

const list = document.querySelector("[data-sortable]");

if (list) {
  await import(list.dataset.sortable);
  globalThis.Sortable.create(list, {
    animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
    // On touch the list is scrolled by whoever does not wait.
    delay: 200,
    delayOnTouchOnly: true,
    filter: "button",
    preventOnFilter: false,
    ghostClass: "dragged",
    onEnd: ({ item, oldIndex, newIndex }) => {
      if (oldIndex !== newIndex) save(item, oldIndex, newIndex);
    },
  });
}

// Tells the site which photo it comes after; puts it back where that fails.
async function save(item, oldIndex, newIndex) {
  const form = item.querySelector("form.buttons");
  const body = new FormData(form);
  body.set("to", "place");
  body.set("after", item.previousElementSibling?.dataset.photo ?? "");
  try {
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.ok) return;
  } catch {
    // No connection: as any other failure.
  }
  place(item, oldIndex);
  const run = () => {
    place(item, newIndex);
    save(item, oldIndex, newIndex);
  };
  const action = { label: gettext("Try again"), run };
  toast(gettext("The photo couldn’t be moved."), { kind: "error", action });
}

function place(item, index) {
  const rest = [...list.children].filter((one) => one !== item);
  list.insertBefore(item, rest[index] ?? null);
}
