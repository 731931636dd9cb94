// What is ticked on this tablet and not yet sent: kept in the browser, under the agent who ticked it, and sent by her
// alone. The page uses it, and so does the worker when the network comes back and no page is open.
(function () {
  "use strict";

  var SHEETS = "presences-feuilles"; // where the worker keeps the sheets and their photos
  var LINES = 300; // well under what the server takes at once
  var opened = null;

  function wanted(request) {
    return new Promise(function (resolve, reject) {
      request.onsuccess = function () { resolve(request.result); };
      request.onerror = function () { reject(request.error); };
    });
  }

  function database() {
    if (!opened) {
      var request = indexedDB.open("presences", 1);
      request.onupgradeneeded = function () {
        request.result.createObjectStore("marks", { keyPath: "uid" });
        request.result.createObjectStore("refused", { keyPath: "uid" });
        request.result.createObjectStore("device", { keyPath: "name" });
      };
      opened = wanted(request);
      opened.catch(function () { opened = null; });
    }
    return opened;
  }

  function drawn() {
    if (crypto.randomUUID) return crypto.randomUUID();
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    var text = Array.from(bytes, function (one) { return one.toString(16).padStart(2, "0"); }).join("");
    return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
  }

  // The name of this device, and the ranks of its marks: drawn and counted in one transaction, which two tabs share.
  async function keep(marks) {
    var store = await database();
    return new Promise(function (resolve, reject) {
      var turn = store.transaction(["marks", "device"], "readwrite", { durability: "strict" });
      var asked = turn.objectStore("device").get("this");
      var kept = [];
      asked.onsuccess = function () {
        var device = asked.result || { name: "this", uid: drawn(), seq: 0 };
        marks.forEach(function (mark) {
          device.seq += 1;
          var one = Object.assign({ uid: drawn(), seq: device.seq, device: device.uid, at: Date.now() }, mark);
          kept.push(one);
          turn.objectStore("marks").put(one);
        });
        turn.objectStore("device").put(device);
      };
      turn.oncomplete = function () { resolve(kept); };
      turn.onabort = turn.onerror = function () { reject(turn.error); };
    });
  }

  async function all(name) {
    var store = await database();
    var found = await wanted(store.transaction(name).objectStore(name).getAll());
    return found.sort(function (one, other) { return one.seq - other.seq; });
  }

  async function settle(uids, refused) {
    var store = await database();
    return new Promise(function (resolve, reject) {
      var turn = store.transaction(["marks", "refused"], "readwrite", { durability: "strict" });
      var marks = turn.objectStore("marks");
      uids.forEach(function (uid) { marks.delete(uid); });
      refused.forEach(function (one) {
        var asked = marks.get(one.uid);
        asked.onsuccess = function () {
          if (asked.result) turn.objectStore("refused").put(Object.assign(asked.result, { why: one.why }));
          marks.delete(one.uid);
        };
      });
      turn.oncomplete = function () { resolve(); };
      turn.onabort = turn.onerror = function () { reject(turn.error); };
    });
  }

  async function forget(uid) {
    var store = await database();
    await wanted(store.transaction("refused", "readwrite").objectStore("refused").delete(uid));
  }

  function ended(message) {
    var error = new Error(message);
    error.state = message;
    return error;
  }

  // The sheets that were kept, and the photos: whoever holds the tablet now may not see them. What is to be sent stays.
  function wipe() {
    return self.caches ? caches.delete(SHEETS) : Promise.resolve(false);
  }

  async function isSomebodyElse(state) {
    await wipe();
    return ended(state);
  }

  // Answers what the server said; throws an error whose `state` is offline, signed-out or failing.
  async function asked(url, how) {
    var answer;
    try {
      answer = await fetch(url, Object.assign({ redirect: "manual", credentials: "same-origin", cache: "no-store" }, how));
    } catch {
      throw ended("offline");
    }
    // Sent to sign in, or no longer somebody who may: what was ticked stays here meanwhile.
    if (answer.type === "opaqueredirect" || answer.status === 403 || answer.status === 404) {
      throw await isSomebodyElse("signed-out");
    }
    if (!answer.ok) throw ended("failing");
    try {
      return await answer.json();
    } catch {
      throw ended("offline"); // a portal of a wireless network that answers in the place of the site
    }
  }

  // Sends what `agent` ticked for the sheet at `url`, and answers what others ticked there since (milliseconds).
  async function exchange(url, agent, since) {
    var told = await asked(url + (since ? "?depuis=" + since : ""));
    if (told.agent !== agent) throw await isSomebodyElse("other-agent");
    var squares = told.squares;
    for (;;) {
      var waiting = (await all("marks")).filter(function (one) { return one.agent === agent && one.url === url; });
      if (!waiting.length) return { now: told.now, squares: squares };
      var batch = waiting.filter(function (one) { return one.device === waiting[0].device; }).slice(0, LINES);
      var answer = await asked(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": told.csrf },
        body: JSON.stringify({ device: batch[0].device, now: Date.now(), marks: batch.map(function (one) {
          return {
            uid: one.uid, seq: one.seq, square: one.square, state: one.state, at: one.at, left: one.left || "",
            minutes: one.minutes === undefined ? null : one.minutes, knew: one.knew
          };
        }) })
      });
      if (answer.agent !== agent) throw await isSomebodyElse("other-agent");
      await settle(answer.kept, answer.refused);
      Object.assign(squares, answer.squares);
    }
  }

  // All that waits on this device, sheet by sheet: for the worker. A trouble is thrown, so that it is tried again.
  async function sendAll() {
    var waiting = await all("marks");
    var sheets = new Map();
    waiting.forEach(function (one) { sheets.set(one.url + " " + one.agent, one); });
    for (var one of sheets.values()) await exchange(one.url, one.agent);
  }

  self.Presences = { keep: keep, all: all, forget: forget, exchange: exchange, sendAll: sendAll, SHEETS: SHEETS, wipe: wipe };
})();
