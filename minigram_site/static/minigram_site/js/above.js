// The page before the one that is shown, put above it; comes when it is asked for.

// Put the page of an address above a list; nothing that one sees moves. Returns its first element.
// `process` (lists.js) is given the new rows; `link` is the one that was pressed.
export async function loadAbove(address, list, { process, link = null }) {
  const answer = await fetch(address);
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const rows = page.querySelector("[data-list]");
  rows.querySelector("a[data-more]")?.remove();
  rows.querySelector(".feed-end")?.remove();
  const above = document.createDocumentFragment();
  above.append(...rows.children);
  const [anchor] = list.children;
  const first = above.firstElementChild;
  if (first) first.dataset.page = new URL(address).search;
  if (anchor && !anchor.dataset.page) anchor.dataset.page = location.search || "?";
  keepPlace(anchor, () => {
    list.prepend(above);
    const further = page.querySelector("a[rel=prev]");
    if (link && further) link.href = further.href;
    else link?.parentElement.remove();
  });
  if (rows.dataset.news) list.dataset.news = rows.dataset.news;
  const fresh = [];
  for (let row = first; row && row !== anchor; row = row.nextElementSibling) fresh.push(row);
  process(fresh);
  return first;
}

function keepPlace(anchor, change) {
  const { style } = document.documentElement;
  style.overflowAnchor = "none";
  const top = anchor?.getBoundingClientRect().top ?? 0;
  change();
  if (anchor) scrollBy({ top: anchor.getBoundingClientRect().top - top, behavior: "instant" });
  requestAnimationFrame(() => style.removeProperty("overflow-anchor"));
}
