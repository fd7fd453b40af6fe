// What is taken out of a list goes at once, and can be brought back while its toast is there: it is
// sent when the toast ends, or the page is left.
import { leave } from "./leave.js";
import { spread } from "./live.js";
import { Refused, send } from "./send.js";
import { toast } from "./toast.js";
import { gettext } from "./words.js";

const SECONDS = 6;
const held = new Set();

/** Take the row of a form out of its list; loaded when the first is taken out. */
export function hold(form) {
  const row = form.closest("li, article") ?? form;
  const act = { form, row };
  const menu = form.closest("[popover]");
  if (menu) menu.hidePopover(); // and the focus is where it was opened from
  else leave(row);
  row.hidden = true;
  held.add(act);
  const action = { label: gettext("Undo"), run: () => back(act) };
  // The toast is closed before its button does its work: hence not at once.
  const ended = () => setTimeout(() => bring(act));
  toast(form.dataset.undo, { action, seconds: SECONDS, ended });
}

function back(act) {
  if (!held.delete(act)) return;
  act.row.hidden = false;
  focusOf(act.form).focus({ preventScroll: true });
}

// Its button, or the one that opens the menu it stands in.
function focusOf(form) {
  const menu = form.closest("[popover]");
  const opener = menu && document.querySelector(`[popovertarget="${menu.id}"]`);
  return opener ?? form.querySelector("button");
}

async function bring(act, { keepalive = false } = {}) {
  if (!held.delete(act)) return;
  try {
    const fields = new URLSearchParams(new FormData(act.form));
    const answer = await send(act.form.action, fields, { keepalive });
    if (keepalive) return;
    act.row.remove();
    spread(answer);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    act.row.hidden = false;
    if (!error.message) return; // they have been told
    const run = () => {
      act.row.hidden = true;
      held.add(act);
      bring(act);
    };
    const action = error.again ? { label: gettext("Try again"), run } : undefined;
    toast(error.message, { kind: "error", action });
  }
}

addEventListener("pagehide", () => {
  for (const act of held) bring(act, { keepalive: true });
});
