// SPDX-License-Identifier: Apache-2.0
// The worker keeps the shell: our own few files, whose addresses name their content. Never a page.
"use strict";
const SHELF = "shell";
const stem = (url) => new URL(url).pathname.split(".")[0];
const kept = async (request) => {
  const shelf = await caches.open(SHELF), found = await shelf.match(request);
  if (found) return found;
  const fresh = await fetch(request);
  if (fresh.ok) {
    const old = (await shelf.keys()).filter((each) => stem(each.url) === stem(request.url));
    await Promise.all(old.map((each) => shelf.delete(each)));
    await shelf.put(request, fresh.clone());
  }
  return fresh;
};
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const ours = url.origin === self.location.origin && url.pathname.startsWith("/static/");
  if (ours && event.request.method === "GET") event.respondWith(kept(event.request));
});
