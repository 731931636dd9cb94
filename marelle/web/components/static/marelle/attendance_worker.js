// The worker of the agents' site: it keeps the attendance sheet of the day, and what the page is made of, for the time
// when there is no network. Nothing else is kept, and nothing of it beyond the night: the page says how long, and for
// whom. The children's photos are kept with the sheets, as they are about somebody; styles and scripts, about nobody,
// apart. Another agent, a session that ended, a sign-out: the sheets and the photos are wiped.
"use strict";

var SHEETS = Presences.SHEETS, PARTS = "presences-moyens";
var SHEET = /^\/[^/]+\/journee\/\d{4}-\d\d-\d\d\/presences\/$/, TODAY = /^(\/[^/]+\/journee\/)presences\/$/;
var PHOTO = /^\/[^/]+\/familles\/photos\/[^/]+\/$/;
var PATIENCE = 6000; // milliseconds: a network that does not answer is none
var NOTHING_KEPT = "<!doctype html><html lang=fr><meta charset=utf-8><meta name=viewport content=\"width=device-width\">" +
  "<title>Hors ligne</title><h1>Vous êtes hors ligne.</h1><p>Cette feuille n’est pas gardée sur cette tablette. " +
  "Ouvrez-la une fois avec le réseau : elle restera jusqu’à la nuit.</p>";

self.addEventListener("install", function () { self.skipWaiting(); });
self.addEventListener("activate", function (event) {
  event.waitUntil(Promise.all([self.clients.claim(), sweep()]));
});

self.addEventListener("fetch", function (event) {
  var request = event.request, url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && url.pathname === "/compte/deconnexion/") event.waitUntil(Presences.wipe());
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    if (SHEET.test(url.pathname)) event.respondWith(sheet(request, event));
    else if (TODAY.test(url.pathname)) event.respondWith(today(request, url));
  } else if (PHOTO.test(url.pathname)) {
    event.respondWith(photo(request, event));
  } else if (request.destination) {
    event.respondWith(part(request));
  }
});

self.addEventListener("message", function (event) {
  if (event.data.keep) event.waitUntil(keepNow(event.data.keep));
});
self.addEventListener("sync", function (event) {
  if (event.tag === "presences") event.waitUntil(send());
});

async function send() {
  var pages = await self.clients.matchAll({ type: "window" });
  pages.forEach(function (page) { page.postMessage("send"); });
  if (!pages.length) await Presences.sendAll();
}

async function impatient(request) {
  var late = new AbortController(), timer = setTimeout(function () { late.abort(); }, PATIENCE);
  try {
    return await fetch(request, { signal: late.signal });
  } finally {
    clearTimeout(timer);
  }
}

async function sheet(request, event) {
  var answer;
  try {
    answer = await impatient(request);
  } catch {
    return await kept(request) || offline();
  }
  event.waitUntil(keepSheet(request.url, answer.clone()));
  return answer;
}

// The menu leads to the sheet of today by a redirection, which there is nobody to give: to the last one that was kept.
async function today(request, url) {
  try {
    return await impatient(request);
  } catch {
    await sweep();
    var requests = await (await caches.open(SHEETS)).keys();
    var start = url.origin + TODAY.exec(url.pathname)[1];
    var mine = requests.map(function (one) { return one.url; }).filter(function (one) { return one.startsWith(start); });
    return mine.length ? Response.redirect(mine[mine.length - 1]) : offline();
  }
}

async function part(request) {
  try {
    return await fetch(request);
  } catch (error) {
    var found = await caches.match(request, { cacheName: PARTS });
    if (found) return found;
    throw error;
  }
}

async function photo(request, event) {
  try {
    var answer = await fetch(request);
    event.waitUntil(keepPhoto(request.url, answer.clone()));
    return answer;
  } catch (error) {
    var found = await caches.match(request, { cacheName: SHEETS });
    if (found && !isPast(found)) return found;
    throw error;
  }
}

function offline() {
  return new Response(NOTHING_KEPT, { status: 503, headers: { "Content-Type": "text/html; charset=utf-8" } });
}

async function kept(request) {
  await sweep();
  return caches.match(request, { cacheName: SHEETS });
}

async function keepSheet(url, answer) {
  var length = Number(answer.headers.get("X-Sheet-Kept")), agent = answer.headers.get("X-Sheet-Agent");
  // Sent to sign in, or refused: whoever holds the tablet may not see what another one left on it.
  if (answer.type === "opaqueredirect" || answer.status === 403 || answer.status === 404) return Presences.wipe();
  if (!answer.ok || !length) return undefined;
  var cache = await caches.open(SHEETS);
  for (var request of await cache.keys()) {
    var other = await cache.match(request);
    if (other.headers.has("X-Sheet-Agent") && other.headers.get("X-Sheet-Agent") !== agent) {
      await Presences.wipe();
      cache = await caches.open(SHEETS);
      break;
    }
  }
  var headers = new Headers(answer.headers);
  headers.set("X-Sheet-Until", String(Date.now() + length));
  return cache.put(url, new Response(await answer.blob(), { status: answer.status, headers: headers }));
}

// Under the agent of the sheet and until its end: without a sheet there is nobody to keep a photo for. One that may no
// longer be shown leaves at once.
async function keepPhoto(url, answer) {
  var cache = await caches.open(SHEETS);
  if (!answer.ok) return answer.status < 500 ? cache.delete(url) : undefined;
  for (var request of await cache.keys()) {
    if (!SHEET.test(new URL(request.url).pathname)) continue;
    var sheet = await cache.match(request), headers = new Headers(answer.headers), content = await answer.blob();
    if (!sheet) return undefined; // wiped meanwhile
    ["X-Sheet-Agent", "X-Sheet-Until"].forEach(function (name) { headers.set(name, sheet.headers.get(name)); });
    return cache.put(url, new Response(content, { status: answer.status, headers: headers }));
  }
  return undefined;
}

// The first page that was opened came before this worker: it is asked again, with what it is made of. So are the photos
// that the browser would draw later, or never, since nobody went down the page.
async function keepNow(said) {
  if (!await caches.match(said.page, { cacheName: SHEETS })) {
    await keepSheet(said.page, await fetch(said.page, { credentials: "same-origin", redirect: "manual" }));
  }
  await sweep();
  var parts = await caches.open(PARTS);
  await Promise.all(said.parts.map(async function (url) {
    try {
      var isPhoto = PHOTO.test(new URL(url).pathname);
      if (isPhoto && await caches.match(url, { cacheName: SHEETS })) return;
      var answer = await fetch(url);
      if (isPhoto) await keepPhoto(url, answer);
      else if (answer.ok) await parts.put(url, answer);
    } catch {
      // The next page will say it again.
    }
  }));
  for (var request of await parts.keys()) {
    if (said.parts.indexOf(request.url) < 0 || PHOTO.test(new URL(request.url).pathname)) await parts.delete(request);
  }
}

function isPast(answer) {
  return Number(answer.headers.get("X-Sheet-Until")) < Date.now();
}

async function sweep() {
  var cache = await caches.open(SHEETS);
  for (var request of await cache.keys()) {
    var answer = await cache.match(request);
    if (isPast(answer)) await cache.delete(request);
  }
}
