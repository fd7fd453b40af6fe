// "+" in the navigation: photos are chosen where one is, and the page of a new photo takes them.

import { handOver } from "./handover.js";

/** Let photos be chosen; then open `page`, which finds them there. */
export function choose(page) {
  const input = document.createElement("input");
  Object.assign(input, { type: "file", accept: "image/*", multiple: true, hidden: true });
  input.addEventListener("change", async () => {
    // A browser that keeps nothing opens the page all the same: they are chosen again there.
    await handOver([...input.files]).catch(() => {});
    location = page;
  });
  document.body.append(input); // Safari forgets one that is nowhere
  input.addEventListener("cancel", () => input.remove());
  input.click();
}
