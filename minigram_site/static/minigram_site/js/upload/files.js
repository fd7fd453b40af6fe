// What files and clipboards hold, looked at before anything is sent.

import { gettext, interpolate } from "../words.js";

/** Return why a file of this size cannot be sent; "" if it can. */
export function faultOf(file, maxBytes) {
  if (file.size === 0) return gettext("This file is empty. Choose another one.");
  if (file.size <= maxBytes) return "";
  const text = gettext("This file is %(size)s MB. The limit is %(limit)s MB.");
  const size = (file.size / 1048576).toFixed(1);
  return interpolate(text, { size, limit: Math.floor(maxBytes / 1048576) }, true);
}

/** Tell whether a file is a picture: the first bytes decide, as on the server, not its name. */
export async function isPicture(file) {
  const head = String.fromCharCode(...new Uint8Array(await file.slice(0, 12).arrayBuffer()));
  return /^(\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|....ftyp)/s.test(head);
}

/** Tell whether words were copied: programs put a picture of them beside, and of a file its name. */
export function hasWords(clipboard) {
  const names = [...clipboard.files].map((file) => file.name);
  const lines = clipboard.getData("text/plain").split("\n").map((line) => line.trim());
  return lines.some((line) => line && !names.some((name) => line.endsWith(name)));
}
