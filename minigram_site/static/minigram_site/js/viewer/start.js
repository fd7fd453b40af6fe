// Photos open over the list they stand in, and letters are keys: the scripts for it come at first need.
import { isPhotoLink } from "./list.js";

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("main a[href]");
  const other = event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  if (event.defaultPrevented || other || !link || !isPhotoLink(link)) return;
  event.preventDefault();
  try {
    const { open } = await import("./dialog.js");
    await open(link);
  } catch {
    location.assign(link.href);
  }
});

document.addEventListener("keydown", async (event) => {
  const special = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
  if (event.defaultPrevented || special || event.repeat || isTyping(event.target)) return;
  if (!/^[jklcsf?\/]$/i.test(event.key)) return;
  if (event.key === "/") event.preventDefault();
  const { press } = await import("./keys.js");
  press(event.key.toLowerCase());
});

document.addEventListener("click", async (event) => {
  if (!event.target.closest?.("[data-keys]")) return;
  const { press } = await import("./keys.js");
  press("?");
});

if (sessionStorage.getItem("photo deleted")) {
  import("./acts.js").then(({ tellOfLastPage }) => tellOfLastPage());
}

function isTyping(element) {
  return Boolean(element.closest?.("input, textarea, select, [contenteditable]"));
}
