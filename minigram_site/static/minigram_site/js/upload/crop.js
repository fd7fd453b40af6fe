// Cropping: a dialog with the picture as it is turned. Numbers come of it, the file stays whole.

import { rendered } from "./pictures.js";

const form = document.getElementById("upload");
const dialog = document.getElementById("crop-dialog");
const frame = dialog.querySelector(".crop-frame");
const shapes = dialog.querySelector(".shapes");
const sliders = [...dialog.querySelectorAll("input[type=range]")];
// Of the shorter side, at least.
const SMALLEST = .08;
// What is so near to the edge is at the edge.
const NEAR = .004;
// In pixels.
const EDGE = 12;
let area = { width: 0, height: 0 };

/** Let somebody crop a picture; resolves to the crop, or to `null` if they do not. */
export async function crop(entry) {
  await import(form.dataset.cropper);
  const url = await rendered(entry.whole, entry.turn, []);
  const image = new Image();
  image.src = url;
  await image.decode();
  dialog.showModal();
  const selection = await opened(image, entry.crop);
  return new Promise((resolve) => {
    dialog.onclose = () => {
      const wanted = dialog.returnValue === "done" ? cropOf(selection) : null;
      frame.replaceChildren();
      if (url !== entry.whole && url.startsWith("blob:")) URL.revokeObjectURL(url);
      dialog.returnValue = "";
      resolve(wanted);
    };
  });
}

// The canvas is a little larger than the picture in it, so that handles at its edges can be seen.
async function opened(image, current) {
  const room = frame.getBoundingClientRect();
  const { naturalWidth, naturalHeight } = image;
  const scale = Math.min(
    (room.width - 2 * EDGE) / naturalWidth,
    (room.height - 2 * EDGE) / naturalHeight,
  );
  area = { width: naturalWidth * scale, height: naturalHeight * scale };
  const canvas = document.createElement("cropper-canvas");
  canvas.style.width = `${area.width + 2 * EDGE}px`;
  canvas.style.height = `${area.height + 2 * EDGE}px`;
  const picture = document.createElement("cropper-image");
  picture.setAttribute("src", image.src);
  picture.setAttribute("alt", "");
  const selection = document.createElement("cropper-selection");
  for (const name of ["movable", "resizable", "keyboard"]) selection.toggleAttribute(name, true);
  const grid = document.createElement("cropper-grid");
  grid.setAttribute("covered", "");
  selection.append(grid, handle("move"));
  for (const side of ["n", "e", "s", "w", "ne", "nw", "se", "sw"]) {
    selection.append(handle(`${side}-resize`));
  }
  canvas.append(picture, document.createElement("cropper-shade"), selection);
  frame.replaceChildren(canvas);
  while (!picture.$isReady) await new Promise(requestAnimationFrame);
  const [right, below] = [
    (area.width + 2 * EDGE - naturalWidth) / 2,
    (area.height + 2 * EDGE - naturalHeight) / 2,
  ];
  // For this once: it stays where it is then, whatever one does.
  for (const name of ["scalable", "translatable"]) picture[name] = true;
  picture.$setTransform(scale, 0, 0, scale, right, below);
  for (const name of ["scalable", "translatable"]) picture[name] = false;
  selection.addEventListener("change", keepInside);
  const [left, top, width, height] = current.length ? current : [0, 0, 1, 1];
  put(selection, left * area.width, top * area.height, width * area.width, height * area.height);
  listen(selection);
  return selection;
}

function put(selection, x, y, width, height) {
  selection.$change(EDGE + x, EDGE + y, width, height);
}

function handle(action) {
  const element = document.createElement("cropper-handle");
  element.setAttribute("action", action);
  element.setAttribute("theme-color", action === "move" ? "transparent" : "#fff");
  return element;
}

function keepInside(event) {
  const { width, height } = event.detail;
  const [x, y] = [event.detail.x - EDGE, event.detail.y - EDGE];
  const beyond = x < -1 || y < -1 || x + width > area.width + 1 || y + height > area.height + 1;
  const tiny = Math.min(width, height) < SMALLEST * Math.min(area.width, area.height);
  if (beyond || tiny) event.preventDefault();
  else showSliders(x, y, width, height);
}

function cropOf(selection) {
  const part = (length, whole) => Math.min(1, Math.max(0, length / whole));
  const left = part(selection.x - EDGE, area.width);
  const top = part(selection.y - EDGE, area.height);
  const width = Math.min(1 - left, part(selection.width, area.width));
  const height = Math.min(1 - top, part(selection.height, area.height));
  const whole = left < NEAR && top < NEAR && left + width > 1 - NEAR && top + height > 1 - NEAR;
  return whole ? [] : [left, top, width, height].map((one) => Number(one.toFixed(6)));
}

function listen(selection) {
  shapes.querySelector("[value='0']").checked = true;
  shapes.onchange = ({ target }) => {
    const ratio = Number(target.value);
    selection.aspectRatio = ratio || NaN;
    if (ratio) fit(selection, ratio);
  };
  for (const slider of sliders) slider.oninput = () => slide(selection);
}

// The largest of this shape around the same middle.
function fit(selection, ratio) {
  const width = Math.min(area.width, area.height * ratio);
  const height = width / ratio;
  const across = selection.x - EDGE + (selection.width - width) / 2;
  const down = selection.y - EDGE + (selection.height - height) / 2;
  put(
    selection,
    Math.min(area.width - width, Math.max(0, across)),
    Math.min(area.height - height, Math.max(0, down)),
    width,
    height,
  );
}

// What dragging does, with sliders: size, then the place of what is left.
function slide(selection) {
  const [size, right, below] = sliders.map((slider) => Number(slider.value) / 100);
  const ratio = selection.width / selection.height;
  const width = size * Math.min(area.width, area.height * ratio);
  const height = width / ratio;
  put(selection, right * (area.width - width), below * (area.height - height), width, height);
}

function showSliders(x, y, width, height) {
  const part = (length, room) => room > 1 ? Math.min(1, Math.max(0, length / room)) : .5;
  const largest = Math.min(area.width, (area.height * width) / height);
  const values = [width / largest, part(x, area.width - width), part(y, area.height - height)];
  sliders.forEach((slider, at) => {
    if (slider !== document.activeElement) slider.value = values[at] * 100;
  });
}
