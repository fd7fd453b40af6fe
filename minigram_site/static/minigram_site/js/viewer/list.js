// The photos of a list in a page, in their order, and its further pages.
const PHOTO = /^\/p\/[^/]+\/$/;
const PATIENCE_MS = 10000;

/** Tell whether a link of a page shows a photo that can be opened over it: a picture, or its comments. */
export function isPhotoLink(link) {
  const here = link.origin === location.origin && PHOTO.test(link.pathname) && !link.target;
  if (!here || link.closest(".viewer")) return false;
  return Boolean(link.querySelector("img")) || link.hash === "#comments";
}

/**
 * The list that a link to a photo stands in; `current` is the path of the photo that is shown.
 *
 * It is made before the address becomes the photo's: addresses in the list are meant from `address`.
 */
export class PhotoList {
  constructor(link) {
    this.place = link.closest("[data-photos], .grid, .cards") ?? document.getElementById("main");
    this.current = link.pathname;
    this.address = location.href;
  }

  /** The link to the list's next page, if there is one. */
  get more() {
    return this.place.querySelector("a[rel=next][data-more]");
  }

  /** Let the link to the next page lead there from wherever the address is just now. */
  keepMore() {
    const { more } = this;
    if (more) more.href = new URL(more.getAttribute("href"), this.address);
  }

  /** The link of each photo by its path, in order. */
  get links() {
    const found = new Map();
    for (const link of this.place.querySelectorAll("a[href]")) {
      const known = found.has(link.pathname);
      if (!known && isPhotoLink(link) && !link.closest("[hidden]")) found.set(link.pathname, link);
    }
    return found;
  }

  /**
   * The path of the photo `step` further, `null` at the end of the list; may load its next page.
   *
   * Rejects as `loadMore` does.
   */
  async neighbour(step) {
    const wanted = () => {
      const paths = [...this.links.keys()];
      return paths[paths.indexOf(this.current) + step] ?? null;
    };
    if (step > 0 && wanted() === null) await this.loadMore();
    return wanted();
  }

  /**
   * Load the next page of the list where the page would load it by scrolling.
   *
   * Rejects with what went wrong: with a `TimeoutError` if nothing has come for long.
   */
  async loadMore() {
    const { more } = this;
    if (!more) return;
    const number = this.links.size;
    const grown = new Promise((done, refuse) => {
      const observer = new MutationObserver(() => {
        this.keepMore();
        if (this.links.size > number) end();
      });
      const silent = new DOMException("No answer", "TimeoutError");
      const timer = setTimeout(() => end(silent), PATIENCE_MS);
      const failed = ({ detail }) => end(detail);
      more.addEventListener("list:failed", failed);
      observer.observe(this.place, { childList: true, subtree: true });
      function end(error) {
        observer.disconnect();
        clearTimeout(timer);
        more.removeEventListener("list:failed", failed);
        if (error) refuse(error);
        else done();
      }
    });
    more.dispatchEvent(new CustomEvent("list:more", { bubbles: true }));
    await grown;
  }
}
