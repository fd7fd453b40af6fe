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
