// What files and clipboards hold, looked at before anything is sent.
"use strict";

function faultOf(file, maxBytes) {
  if (file.size === 0) return "This file is empty. Choose another one.";
  if (file.size > maxBytes) {
    const size = (file.size / 1048576).toFixed(1);
    return `This file has ${size} MB; ${Math.floor(maxBytes / 1048576)} MB are the limit.`;
  }
  return "";
}

// The first bytes decide, as on the server: names and types are what systems make of endings.
async function isPicture(file) {
  const head = String.fromCharCode(...new Uint8Array(await file.slice(0, 12).arrayBuffer()));
  return /^(\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|....ftyp)/s.test(head);
}

// Programs put a picture of copied words beside the words; of a copied file, its name or path.
function hasWords(clipboard) {
  const names = [...clipboard.files].map((file) => file.name);
  const lines = clipboard.getData("text/plain").split("\n").map((line) => line.trim());
  return lines.some((line) => line && !names.some((name) => line.endsWith(name)));
}

globalThis.pictureFiles = { faultOf, isPicture, hasWords };
