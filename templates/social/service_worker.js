// {% load i18n static %}{% get_current_language as language %}Keeps one page for when there is no connection.
// Other pages and pictures are never kept here: what a person may see is the server's to decide, each time.
const PAGE = "{% url 'social:offline' %}";
const PARTS = [
  "{% static 'minigram_site/site.css' %}",
  "{% static 'minigram_site/js/offline.js' %}",
  "{% static 'minigram_site/icons.svg' %}",
  "{% static 'minigram_site/vendor/instrument-sans/instrument-sans-latin-wght-normal.woff2' %}",
];
const KEPT = `minigram {{ language }} ${PARTS.join(" ")}`;

self.addEventListener("install", (event) => {
  const fresh = [PAGE, ...PARTS].map((address) => new Request(address, { cache: "reload" }));
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(fresh)));
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
  } else if (PARTS.includes(new URL(event.request.url).pathname)) {
    event.respondWith(fetch(event.request).catch(() => caches.match(event.request)));
  }
});

// Web Push: what the site sends is shown, and a press on it opens what it is about. Of two with one
// tag the later takes the place of the former, without a sound.
self.addEventListener("push", (event) => {
  let news = {};
  try {
    news = event.data.json();
  } catch {
    // Not from this site, or empty: the browser wants something to be shown all the same.
  }
  const options = {
    body: news.body || "",
    tag: news.tag || "news",
    icon: "{% static 'minigram_site/icon-192.png' %}",
    data: { url: news.url || "{% url 'social:activity' %}" },
  };
  event.waitUntil(
    self.registration.showNotification(news.title || "{{ site_name|escapejs }}", options),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const address = new URL(event.notification.data.url, self.location.origin);
  if (address.origin !== self.location.origin) return;
  event.waitUntil(
    self.clients.matchAll({ type: "window" }).then((pages) => {
      const open = pages.find((page) => page.url === address.href);
      return open ? open.focus() : self.clients.openWindow(address.href);
    }),
  );
});
