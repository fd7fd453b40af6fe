// Zoom and pan of a picture on its stage, by @panzoom/panzoom.
import Panzoom from "../../vendor/panzoom/panzoom.es.js";

const known = new WeakMap();
const LEAST = 2.5;

/** The zoom of a picture; `pan` fills its frame and holds the image. */
export function zoomable(stage, pan) {
  if (known.has(pan)) return known.get(pan);
  const image = pan.querySelector("img");
  image.draggable = false;
  const untouched = stage.querySelector(".strip") ? "pan-x pan-y" : "pan-y";
  const panzoom = Panzoom(pan, {
    contain: "outside",
    cursor: "zoom-in",
    maxScale: most(image),
    panOnlyWhenZoomed: true,
    step: 0.5,
    touchAction: untouched,
    handleStartEvent: (event) => {
      if (panzoom.getScale() > 1) event.preventDefault();
    },
  });
  pan.addEventListener("panzoomchange", ({ detail }) => {
    const zoomed = detail.scale > 1.01;
    stage.classList.toggle("zoomed", zoomed);
    panzoom.setOptions({
      touchAction: zoomed ? "none" : untouched,
      cursor: zoomed ? "grab" : "zoom-in",
    });
    // Then the browser takes the size that is sharp now.
    const width = Math.ceil(image.clientWidth * detail.scale);
    if (zoomed && width > (image.zoomedTo ?? 0)) {
      image.zoomedTo = width;
      image.sizes = `${width}px`;
    }
  });
  known.set(pan, panzoom);
  return panzoom;
}

/** Zoom in to all pixels of a picture at the place of a double click, or out again. */
export function toggle(stage, pan, event) {
  const panzoom = zoomable(stage, pan);
  if (panzoom.getScale() > 1.01) panzoom.reset({ animate: false });
  else panzoom.zoomToPoint(full(pan.querySelector("img")), event);
}

/** Zoom by the wheel. */
export function wheel(stage, pan, event) {
  zoomable(stage, pan).zoomWithWheel(event);
}

// As large as all its pixels, at least so much larger that it is worth it.
function full(image) {
  const pixels = Number(image.getAttribute("width")) / devicePixelRatio;
  return Math.max(LEAST, pixels / image.clientWidth);
}

function most(image) {
  return Math.max(2 * LEAST, full(image));
}
