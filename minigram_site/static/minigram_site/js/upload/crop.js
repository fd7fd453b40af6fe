// Cropping: a dialog with the picture as it is turned. Numbers come of it, the file stays whole.

import { rendered } from "./pictures.js";

const form = document.getElementById("upload");
const dialog = document.getElementById("crop-dialog");
const frame = dialog.querySelector(".crop-frame");
const shapes = dialog.querySelector(".shapes");
const sliders = [...dialog.querySelectorAll("input[type=range]")];
// A part of the picture's side, at least.
const SMALLEST = .08;

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

// The canvas is as large as the picture in it, so that its corners are those of the picture.
async function opened(image, current) {
  const room = frame.getBoundingClientRect();
  const scale = Math.min(room.width / image.naturalWidth, room.height / image.naturalHeight);
  const canvas = document.createElement("cropper-canvas");
  canvas.style.width = `${Math.floor(image.naturalWidth * scale)}px`;
  canvas.style.height = `${Math.floor(image.naturalHeight * scale)}px`;
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
  await picture.$ready();
  picture.$center("contain");
  selection.addEventListener("change", (event) => keepInside(event, canvas));
  put(selection, canvas, current.length ? current : [0, 0, 1, 1]);
  listen(selection, canvas);
  return selection;
}

function handle(action) {
  const element = document.createElement("cropper-handle");
  element.setAttribute("action", action);
  if (action === "move") element.setAttribute("theme-color", "transparent");
  return element;
}

function keepInside(event, canvas) {
  const { x, y, width, height } = event.detail;
  const { offsetWidth, offsetHeight } = canvas;
  const beyond = x < -1 || y < -1 || x + width > offsetWidth + 1 || y + height > offsetHeight + 1;
  const tiny = width < offsetWidth * SMALLEST / 2 || height < offsetHeight * SMALLEST / 2;
  if (beyond || tiny) event.preventDefault();
  else showSliders({ x, y, width, height }, canvas);
}

function put(selection, canvas, [left, top, width, height]) {
  const across = canvas.offsetWidth;
  const down = canvas.offsetHeight;
  selection.$change(left * across, top * down, width * across, height * down);
}

function cropOf(selection) {
  const canvas = selection.parentElement;
  const part = (length, whole) => Math.min(1, Math.max(0, length / whole));
  const left = part(selection.x, canvas.offsetWidth);
  const top = part(selection.y, canvas.offsetHeight);
  const width = Math.min(1 - left, part(selection.width, canvas.offsetWidth));
  const height = Math.min(1 - top, part(selection.height, canvas.offsetHeight));
  const edge = .004;
  const whole = left < edge && top < edge && left + width > 1 - edge && top + height > 1 - edge;
  return whole ? [] : [left, top, width, height].map((one) => Number(one.toFixed(6)));
}

function listen(selection, canvas) {
  shapes.onchange = ({ target }) => {
    const ratio = Number(target.value);
    selection.aspectRatio = ratio || NaN;
    fit(selection, canvas, ratio);
  };
  const free = shapes.querySelector("[value='0']");
  free.checked = true;
  for (const slider of sliders) slider.oninput = () => slide(selection, canvas);
}

// The largest of this shape around the same middle.
function fit(selection, canvas, ratio) {
  if (!ratio) return;
  const across = canvas.offsetWidth;
  const down = canvas.offsetHeight;
  const width = Math.min(across, down * ratio);
  const height = width / ratio;
  const middle = [selection.x + selection.width / 2, selection.y + selection.height / 2];
  const x = Math.min(across - width, Math.max(0, middle[0] - width / 2));
  const y = Math.min(down - height, Math.max(0, middle[1] - height / 2));
  selection.$change(x, y, width, height);
}

// What dragging does, with sliders: size, then the place of what is left.
function slide(selection, canvas) {
  const [size, right, below] = sliders.map((slider) => Number(slider.value) / 100);
  const across = canvas.offsetWidth;
  const down = canvas.offsetHeight;
  const ratio = selection.width / selection.height;
  const width = Math.max(SMALLEST, size) * Math.min(across, down * ratio);
  const height = width / ratio;
  selection.$change(right * (across - width), below * (down - height), width, height);
}

function showSliders({ x, y, width, height }, canvas) {
  const across = canvas.offsetWidth;
  const down = canvas.offsetHeight;
  const part = (length, room) => room > 1 ? Math.min(1, Math.max(0, length / room)) : .5;
  const values = [width / Math.min(across, (down * width) / height), part(x, across - width)];
  values.push(part(y, down - height));
  sliders.forEach((slider, at) => {
    if (slider !== document.activeElement) slider.value = values[at] * 100;
  });
}
