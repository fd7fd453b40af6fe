// {% load i18n static %}{% get_current_language as language %}Keeps one page for when there is no connection. Pages and pictures are never kept here:
// what a person may see is the server's to decide, each time.
const KEPT = "minigram-{{ language }}-{% static 'minigram_site/app.css' %}";
const PAGE = "{% url 'social:offline' %}";
const STYLE = "{% static 'minigram_site/app.css' %}";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll([PAGE, STYLE])));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then((keys) =>
      Promise.all(keys.filter((key) => key !== KEPT).map((key) => caches.delete(key)))
    ),
  );
});

self.addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate" && event.request.method === "GET") {
    event.respondWith(fetch(event.request).catch(() => caches.match(PAGE)));
  } else if (new URL(event.request.url).pathname === STYLE) {
    event.respondWith(fetch(event.request).catch(() => caches.match(STYLE)));
  }
});
