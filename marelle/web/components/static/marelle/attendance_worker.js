// The worker of the agents' site: it keeps the attendance sheet of the day, and what the page is made of, for the time
// when there is no network. Nothing else is kept, and nothing of it beyond the night: the page says how long, and for
// whom. Another agent, a session that ended, a sign-out: the sheets are wiped.
"use strict";

var SHEETS = "presences-feuilles", PARTS = "presences-moyens";
var SHEET = /^\/[^/]+\/journee\/\d{4}-\d\d-\d\d\/presences\/$/, TODAY = /^(\/[^/]+\/journee\/)presences\/$/;
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
  if (request.method === "POST" && url.pathname === "/compte/deconnexion/") event.waitUntil(caches.delete(SHEETS));
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    if (SHEET.test(url.pathname)) event.respondWith(sheet(request, event));
    else if (TODAY.test(url.pathname)) event.respondWith(today(request, url));
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
    var found = await caches.match(request, { cacheName: PARTS }) || await caches.match(request, { cacheName: SHEETS });
    if (found) return found;
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
  if (answer.type === "opaqueredirect" || answer.status === 403 || answer.status === 404) return caches.delete(SHEETS);
  if (!answer.ok || !length) return undefined;
  var cache = await caches.open(SHEETS);
  for (var request of await cache.keys()) {
    var other = await cache.match(request);
    if (other.headers.has("X-Sheet-Agent") && other.headers.get("X-Sheet-Agent") !== agent) {
      await caches.delete(SHEETS);
      cache = await caches.open(SHEETS);
      break;
    }
  }
  var headers = new Headers(answer.headers);
  headers.set("X-Sheet-Until", String(Date.now() + length));
  return cache.put(url, new Response(await answer.blob(), { status: answer.status, headers: headers }));
}

// The first page that was opened came before this worker: it is asked again, with what it is made of.
async function keepNow(said) {
  if (!await caches.match(said.page, { cacheName: SHEETS })) {
    await keepSheet(said.page, await fetch(said.page, { credentials: "same-origin" }));
  }
  var parts = await caches.open(PARTS);
  await Promise.all(said.parts.map(async function (url) {
    try {
      var answer = await fetch(url);
      if (answer.ok) await parts.put(url, answer);
    } catch {
      // The next page will say it again.
    }
  }));
  for (var request of await parts.keys()) {
    if (said.parts.indexOf(request.url) < 0) await parts.delete(request);
  }
}

async function sweep() {
  var cache = await caches.open(SHEETS);
  for (var request of await cache.keys()) {
    var answer = await cache.match(request);
    if (Number(answer.headers.get("X-Sheet-Until")) < Date.now()) await cache.delete(request);
  }
}
