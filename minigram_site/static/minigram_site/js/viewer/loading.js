// Photos for the dialog: each is the article of its own page, fetched once and kept.
const kept = new Map();

/** The article of the photo at `path`, with the style sheets that it needs. Rejects if there is none. */
export function loadPhoto(path) {
  if (!kept.has(path)) {
    const loading = fetchPhoto(path);
    loading.catch(() => kept.delete(path));
    kept.set(path, loading);
  }
  return kept.get(path);
}

/** Forget what was loaded: the next list asks anew. */
export function forgetPhotos() {
  kept.clear();
}

async function fetchPhoto(path) {
  const answer = await fetch(path);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const article = page.querySelector("article.viewer");
  if (!answer.ok || !article) throw new Error(`No photo at ${path}`);
  await Promise.all([...page.head.querySelectorAll("link[rel=stylesheet]")].map(addStyles));
  // The copy belongs to this document: its first picture starts to load.
  const copy = document.importNode(article, true);
  return { article: copy, title: page.title };
}

function addStyles(sheet) {
  const href = sheet.getAttribute("href");
  if (document.head.querySelector(`link[href="${href}"]`)) return null;
  const link = document.createElement("link");
  Object.assign(link, { rel: "stylesheet", href });
  document.head.append(link);
  return new Promise((done) => {
    link.addEventListener("load", done);
    link.addEventListener("error", done);
  });
}
