// What the pages gain with JavaScript; all of them work without it.
"use strict";

if ("serviceWorker" in navigator && isSecureContext) {
  navigator.serviceWorker.register("/sw.js");
}

// What htmx could not do: say so.
const AGAIN_AFTER_MS = 5000;
document.addEventListener("htmx:sendError", () => {
  say("The site cannot be reached. Nothing is lost: try again in a moment.");
});
document.addEventListener("htmx:timeout", () => {
  say("The site does not answer. Try again in a moment; look first whether it is there already.");
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful) document.querySelector(".message.above")?.remove();
  // Then scrolling asks for the next rows once more.
  else setTimeout(() => detail.elt.removeAttribute("data-hx-revealed"), AGAIN_AFTER_MS);
});

// Say something above the page, perhaps with a link for another tab; returns the text.
function say(text, link) {
  const message = document.createElement("p");
  const close = document.createElement("button");
  message.className = "message error above";
  message.textContent = text;
  close.className = "link";
  close.textContent = "Close";
  close.addEventListener("click", () => message.remove());
  if (link) {
    const anchor = document.createElement("a");
    Object.assign(anchor, {
      href: link.href,
      target: "_blank",
      textContent: "Log in",
      className: "link",
    });
    message.append(anchor);
  }
  message.append(close);
  document.getElementById("messages").replaceChildren(message);
  return text;
}

// Pages say times in UTC: show them as the reader's clock does, also in what htmx brings.
const MINUTE = { day: "numeric", year: "numeric", hour: "2-digit", minute: "2-digit" };
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
showLocalTimes(document);
document.addEventListener("htmx:load", (event) => showLocalTimes(event.detail.elt));

function showLocalTimes(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const moment = new Date(time.dateTime);
    const how = time.dataset.local;
    if (how !== "day") {
      replaceText(time, moment.toLocaleString("en-GB", { ...MINUTE, month: how }));
    } else if (Date.now() - moment >= WEEK_MS) {
      const year = moment.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
      const text = moment.toLocaleDateString("en-GB", { day: "numeric", month: "short", year });
      replaceText(time, text);
    }
  }
}

// The element keeps its width, so that nothing beside it moves.
function replaceText(element, text) {
  element.style.minWidth = `${element.getBoundingClientRect().width}px`;
  element.textContent = text;
}

// A photo of several pictures: buttons and arrow keys beside swiping, and an announcement.
for (const carousel of document.querySelectorAll(".carousel")) prepareCarousel(carousel);

function prepareCarousel(carousel) {
  const strip = carousel.querySelector(".strip");
  const pictures = [...strip.children];
  const where = carousel.querySelector(".where");
  const [back, on] = carousel.querySelectorAll("button");
  let at = 0;
  let wanted = null; // where a button or key leads, until the strip has got there

  function show(to) {
    at = Math.max(0, Math.min(pictures.length - 1, to));
    where.textContent = `Picture ${at + 1} of ${pictures.length}`;
    back.disabled = at === 0;
    on.disabled = at === pictures.length - 1;
  }
  function go(step) {
    const to = Math.max(0, Math.min(pictures.length - 1, at + step));
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    wanted = to;
    turn(to, calm ? "instant" : "smooth");
    show(to);
  }
  function turn(to, behavior) {
    strip.scrollTo({ left: pictures[to].offsetLeft - strip.offsetLeft, behavior });
  }
  back.addEventListener("click", () => go(-1));
  on.addEventListener("click", () => go(1));
  strip.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) {
      event.preventDefault();
      go(step);
    }
  });
  for (const name of ["pointerdown", "wheel"]) {
    strip.addEventListener(name, () => {
      wanted = null;
    }, { passive: true });
  }
  strip.addEventListener("scrollend", () => {
    const here = Math.round(strip.scrollLeft / strip.clientWidth);
    const missed = wanted !== null && wanted !== here;
    const to = wanted;
    wanted = null;
    // A smooth turn ends early when a picture arrives meanwhile: then the rest at once.
    if (missed) turn(to, "instant");
    else show(here);
  });
  show(0);
}
