// What is painted of a picture before it is published: turned and cropped here, for the eye only.

// In pixels. The site makes its own from the file as it came.
const SIDE = 1280;
const TYPE = "image/webp";

let turn = Promise.resolve();

/**
 * Return what a browser can show of a file: `{pixels, url}`, the size of the file and the address of a
 * smaller picture of all of it; `null` if it cannot show this kind. One after the other: a large picture
 * takes much memory while it is read.
 */
export function look(file, maxPixels) {
  turn = turn.then(() => looked(file, maxPixels), () => looked(file, maxPixels));
  return turn;
}

async function looked(file, maxPixels) {
  const address = URL.createObjectURL(file);
  try {
    const image = await loaded(address);
    const pixels = image.naturalWidth * image.naturalHeight;
    if (!pixels || pixels > maxPixels) return { pixels, url: "" };
    const bitmap = await createImageBitmap(file).catch(() => image);
    const url = await painted(bitmap, image.naturalWidth, image.naturalHeight, 0, []);
    bitmap.close?.();
    return { pixels, url };
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** Return the address of the picture at `whole`, turned by so many quarters and then cropped. */
export async function rendered(whole, quarters, crop) {
  if (!quarters && !crop.length) return whole;
  const image = await loaded(whole);
  return painted(image, image.naturalWidth, image.naturalHeight, quarters, crop);
}

/** Return a crop as it lies once the picture is turned by one more quarter, clockwise. */
export function turnedCrop(crop) {
  if (!crop.length) return [];
  const [left, top, width, height] = crop;
  return [1 - top - height, left, height, width];
}

function loaded(address) {
  const image = new Image();
  image.src = address;
  return image.decode().then(() => image);
}

function painted(source, width, height, quarters, crop) {
  const [across, down] = quarters % 2 ? [height, width] : [width, height];
  const [left, top, part, rest] = crop.length ? crop : [0, 0, 1, 1];
  const scale = Math.min(1, SIDE / Math.max(part * across, rest * down));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(part * across * scale));
  canvas.height = Math.max(1, Math.round(rest * down * scale));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.scale(scale, scale);
  context.translate(across / 2 - left * across, down / 2 - top * down);
  context.rotate((quarters * Math.PI) / 2);
  context.drawImage(source, -width / 2, -height / 2, width, height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => blob ? resolve(URL.createObjectURL(blob)) : reject(), TYPE, .85);
  });
}
