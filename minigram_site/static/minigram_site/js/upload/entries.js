// The chosen pictures and which of them is looked at: everything else on the page follows them.

/**
 * A picture: `file` if it was chosen here, `id` once it has arrived. `state` is one of "looking",
 * "waiting", "sending", "done", "lost" (it is tried again). `whole` is the address of a picture of
 * all of it, `shown` of what turns and crop leave; "" as long as there is none. `dirty`: turn or crop
 * are not yet told.
 */
export const entries = [];
export let chosen = null;
const listeners = [];
let next = 0;

/** Call `listener` after every change. */
export function onChange(listener) {
  listeners.push(listener);
}

/** Tell that something has changed. */
export function changed() {
  if (!entries.includes(chosen)) chosen = entries[0] ?? null;
  for (const listener of listeners) listener();
}

export function add(values) {
  const entry = {
    key: next++,
    file: null,
    name: "",
    id: "",
    state: "looking",
    part: 0,
    fault: "",
    whole: "",
    shown: "",
    turn: 0,
    crop: [],
    alt: "",
    digest: "",
    dirty: false,
    pending: false,
    ...values,
  };
  entries.push(entry);
  return entry;
}

export function choose(entry) {
  chosen = entry;
  changed();
}

/** Take a picture out; the one behind it, or else before it, is looked at then. */
export function remove(entry) {
  const at = entries.indexOf(entry);
  if (at < 0) return;
  entries.splice(at, 1);
  for (const address of [entry.whole, entry.shown]) {
    if (address.startsWith("blob:")) URL.revokeObjectURL(address);
  }
  if (chosen === entry) chosen = entries[at] ?? entries[at - 1] ?? null;
  changed();
}

/** Put a picture to another place, from 0. */
export function moveTo(entry, place) {
  const at = entries.indexOf(entry);
  if (at < 0 || place < 0 || place >= entries.length || place === at) return;
  entries.splice(at, 1);
  entries.splice(place, 0, entry);
  changed();
}
