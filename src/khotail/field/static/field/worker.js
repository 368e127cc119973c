// Answers for the app when there is no connection: from files of one version that were all fetched together.
// KEPT stands above: version, home, shell, files.

const CACHE = `khotail-visits-${KEPT.version}`;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) =>
      cache.addAll([KEPT.shell, ...KEPT.files].map((address) => new Request(address, { cache: "reload" }))),
    ),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith("khotail-visits-") && name !== CACHE))
      .then((old) => Promise.all(old.map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

// A new version waits until the officer agrees: it never changes under a form that is being filled in.
self.addEventListener("message", (event) => event.data === "take over" && self.skipWaiting());

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== self.location.origin) return;
  if (pathname === KEPT.home) event.respondWith(kept(KEPT.shell, event.request));
  else if (KEPT.files.includes(pathname)) event.respondWith(kept(pathname, event.request));
});

async function kept(address, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(address)) || fetch(request);
}
