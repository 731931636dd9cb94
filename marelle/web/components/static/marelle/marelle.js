// Everything works without this file: it only makes things quicker. One change of a square posts that square alone and
// swaps its row, those at the same hours, and the basket; the server stays the one that decides.
(function () {
  "use strict";

  var LOST = "La connexion a été coupée. Votre panier est intact. Rien n’a été validé.";
  var FAILED = "Le service n’a pas répondu. Votre panier est intact. Rien n’a été validé.";
  // A square ticked or not: what it becomes at once, while the server answers.
  var WISHED = {
    bookable: ["in_basket", "Au panier", "shopping-basket"],
    in_basket: ["bookable", "Réserver", "plus"],
    reserved: ["to_cancel", "À annuler", "calendar-x-2"],
    to_cancel: ["reserved", "Réservé", "check"]
  };

  if (window.htmx) document.documentElement.dataset.ready = "yes";

  // On a phone the entries of a section scroll sideways: the current one is in view from the start.
  var here = document.querySelector(".submenu [aria-current]"), entries = here && here.closest("ul");
  if (here) entries.scrollLeft = here.offsetLeft - (entries.clientWidth - here.offsetWidth) / 2;

  function closest(element, selector) {
    return element && element.closest ? element.closest(selector) : null;
  }

  function announce(words) {
    var place = document.getElementById("annonce");
    if (!place || !words) return;
    place.textContent = "";
    // The same sentence twice is a change only if the place was empty in between.
    setTimeout(function () { place.textContent = words; }, 60);
  }

  // --- Squares: one change at a time, in the order of the clicks -----------------------------------------------------

  var queue = Promise.resolve();
  var pending = new Map(); // key of the square -> true when wished, false when not

  function squareOf(key) {
    return document.querySelector('input[name="want"][value="' + CSS.escape(key) + '"]');
  }

  function showWished(input) {
    var square = closest(input, ".c");
    var state = square.classList[1];
    var wished = WISHED[state];
    square.classList.add("pending");
    if (!wished) return;
    square.classList.replace(state, wished[0]);
    square.querySelector(".k > span").textContent = wished[1];
    var drawing = square.querySelector(".k > .icon > use");
    drawing.setAttribute("href", drawing.getAttribute("href").replace(/#.*/, "#" + wished[2]));
  }

  function focusPlace() {
    var square = closest(document.activeElement, ".c");
    return square ? { row: square.parentNode.id, index: square.cellIndex, shut: square.classList.contains("shut") } : null;
  }

  function giveFocusBack(place) {
    var row = place && document.getElementById(place.row);
    var control = row && row.cells[place.index] && row.cells[place.index].querySelector("input, .k");
    if (control && place.shut) closest(control, ".c").classList.add("shut");
    if (control && document.activeElement !== control) control.focus({ preventScroll: true });
  }

  function swapIn(row, html) {
    var place = focusPlace();
    var wasOpen = !!document.querySelector("#panier .bar[open]");
    htmx.swap(row, html, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 });
    var basket = document.getElementById("panier");
    if (basket) {
      if (wasOpen) basket.querySelector(".bar").open = true;
      announce(basket.dataset.say);
    }
    // Squares of these rows clicked meanwhile are still on their way: they keep what was wished.
    pending.forEach(function (wanted, key) {
      var input = squareOf(key), fresh = input && closest(input, "tr");
      if (!input || input.checked === wanted) return;
      if (!fresh.querySelector(".pending")) settled.set(fresh.id, fresh.cloneNode(true));
      input.checked = wanted;
      showWished(input);
    });
    giveFocusBack(place);
  }

  function putBack(row, before, words) {
    var place = focusPlace();
    row.replaceWith(before);
    giveFocusBack(place);
    showFailure(before, words);
  }

  function showFailure(row, words) {
    var card = closest(row, ".week");
    var old = card.querySelector(".failure");
    if (old) old.remove();
    var notice = document.createElement("div");
    notice.className = "notice red failure";
    notice.setAttribute("role", "alert");
    var sentence = document.createElement("p");
    var first = document.createElement("b");
    var cut = words.indexOf(".") + 1;
    first.textContent = words.slice(0, cut);
    sentence.append(first, words.slice(cut));
    notice.append(sentence);
    card.prepend(notice);
  }

  function postSquare(key, wanted, url, token) {
    var input = squareOf(key);
    if (!input) { pending.delete(key); return Promise.resolve(); }
    var body = new URLSearchParams({ cell: key, want: wanted ? "on" : "" });
    return fetch(url, {
      method: "POST",
      body: body,
      credentials: "same-origin",
      headers: { "X-CSRFToken": token, "HX-Request": "true", "HX-Trigger-Name": "want", "HX-Current-URL": location.href }
    }).then(function (response) {
      // Signed out meanwhile, or a page too old: the page asks for itself again, and leads where it must.
      if (response.redirected || response.status === 403 || response.headers.has("HX-Redirect")) { location.reload(); return null; }
      // A refusal is an answer: it brings the row as it stands now.
      if (!response.ok && response.status !== 409 && response.status !== 422) throw new Error(FAILED);
      return response.text();
    }).then(function (html) {
      if (pending.get(key) === wanted) pending.delete(key);
      if (html === null) return;
      var row = closest(squareOf(key), "tr");
      var failure = row.closest(".week").querySelector(".failure");
      if (failure) failure.remove();
      swapIn(row, html);
    }).catch(function (error) {
      if (pending.get(key) === wanted) pending.delete(key);
      var row = closest(squareOf(key), "tr");
      if (row && settled.has(row.id)) putBack(row, settled.get(row.id).cloneNode(true), error.message === FAILED ? FAILED : LOST);
    });
  }

  var settled = new Map(); // id of a row -> the row as the server last gave it, to come back to

  document.addEventListener("change", function (event) {
    var input = event.target;
    if (input.name !== "want" || !window.htmx) return;
    var grid = closest(input, "[data-cell-url]");
    var row = closest(input, "tr");
    if (!grid || !row) return;
    if (!row.querySelector(".pending")) {
      var kept = row.cloneNode(true);
      // A copy keeps the tick of the moment: the attribute says what the server gave.
      kept.querySelectorAll("input").forEach(function (box) { box.checked = box.defaultChecked; });
      settled.set(row.id, kept);
    }
    var wanted = input.checked, key = input.value;
    // A mouse has read the bubble before it clicked; a finger reads it now.
    if (matchMedia("(hover: hover)").matches && !input.matches(":focus-visible")) closest(input, ".c").classList.add("shut");
    var token = (closest(input, "form") || document).querySelector("[name=csrfmiddlewaretoken]");
    pending.set(key, wanted);
    showWished(input);
    queue = queue.then(function () {
      return postSquare(key, wanted, grid.dataset.cellUrl, token ? token.value : "");
    });
  });

  // Ticked while this file was on its way: nobody has heard it, and the button that would send it is hidden.
  document.querySelectorAll('input[name="want"]').forEach(function (input) {
    if (input.checked !== input.defaultChecked) input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // --- Keyboard: arrows between squares, Escape closes the bubble ------------------------------------------------------

  function controlsOf(row) {
    return Array.prototype.map.call(row.cells, function (cell) {
      return cell.classList.contains("c") ? cell.querySelector("input, .k[type=button]") : null;
    });
  }

  function beyond(row, index, step) {
    var rows = Array.prototype.slice.call(document.querySelectorAll(".week tbody tr"));
    for (var at = rows.indexOf(row) + step; at >= 0 && at < rows.length; at += step) {
      var control = controlsOf(rows[at])[index];
      if (control) return control;
    }
    return null;
  }

  function sameLineInWeek(row, index, step) {
    var weeks = Array.prototype.slice.call(document.querySelectorAll(".week"));
    var line = Array.prototype.indexOf.call(row.parentNode.rows, row);
    for (var at = weeks.indexOf(row.closest(".week")) + step; at >= 0 && at < weeks.length; at += step) {
      var there = weeks[at].querySelector("tbody").rows[line];
      var control = there && controlsOf(there)[index];
      if (control) return control;
    }
    return null;
  }

  document.addEventListener("keydown", function (event) {
    var square = closest(event.target, ".week .c");
    if (event.key === "Escape") {
      if (square) {
        square.classList.add("shut");
        if (!event.target.matches("input, .k")) square.querySelector("input, .k").focus();
        event.preventDefault();
      } else {
        var menu = document.querySelector(".account-menu[open]");
        if (menu && menu.contains(event.target)) { menu.open = false; menu.querySelector("summary").focus(); return; }
        document.querySelectorAll(".c:hover").forEach(function (pointed) { pointed.classList.add("shut"); });
        var bar = document.querySelector("#panier .bar[open]");
        if (bar && closest(event.target, "#panier")) { bar.open = false; bar.querySelector("summary").focus(); }
      }
      return;
    }
    if (event.key === "Enter" && event.target.name === "want") {
      // Enter ticks, like Space; the form is not sent by surprise.
      event.preventDefault();
      event.target.click();
      return;
    }
    if (!square || !event.target.matches("input, .k") || event.ctrlKey || event.altKey || event.metaKey) return;
    var row = square.parentNode, index = square.cellIndex;
    var stops = controlsOf(row).filter(Boolean), at = stops.indexOf(event.target);
    var target = {
      ArrowRight: function () { return stops[at + 1]; },
      ArrowLeft: function () { return stops[at - 1]; },
      Home: function () { return stops[0]; },
      End: function () { return stops[stops.length - 1]; },
      ArrowDown: function () { return beyond(row, index, 1); },
      ArrowUp: function () { return beyond(row, index, -1); },
      PageDown: function () { return sameLineInWeek(row, index, 1); },
      PageUp: function () { return sameLineInWeek(row, index, -1); }
    }[event.key];
    if (!target) return;
    event.preventDefault();
    var next = target();
    if (next) next.focus();
  });

  function reopen(event) {
    var square = closest(event.target, ".c.shut");
    if (!square || square.contains(event.relatedTarget)) return;
    // What Escape has closed does not come back because the mouse leaves it: its focus alone would show it.
    var shows = square.contains(document.activeElement) && (square.querySelector(":focus-visible") || !square.querySelector("label.k"));
    if (event.type === "focusout" || !shows) square.classList.remove("shut");
  }
  document.addEventListener("focusout", reopen);
  document.addEventListener("mouseout", reopen);

  // A bubble opened on the last row must not be under the basket's bar. A mouse gives focus when it goes down: the page
  // waits until it is up again, or the press would end beside what it began on.
  var isHeld = false, opened = null;
  function showWhole() {
    var bubble = opened;
    opened = null;
    if (!bubble) return;
    requestAnimationFrame(function () {
      var box = bubble.getBoundingClientRect();
      var bar = document.querySelector("#panier .bar");
      var floor = innerHeight - (bar ? bar.offsetHeight : 0);
      if (box.height && box.bottom > floor - 8) scrollBy({ top: box.bottom - floor + 12 });
    });
  }
  document.addEventListener("pointerdown", function () { isHeld = true; opened = null; }, true);
  ["pointerup", "pointercancel"].forEach(function (end) {
    document.addEventListener(end, function () { isHeld = false; showWhole(); }, true);
  });
  document.addEventListener("focusin", function (event) {
    var square = closest(event.target, ".week .c");
    var bubble = square && square.querySelector(".b");
    // Pressing a link of the bubble gives it focus: the page must not move under the finger.
    opened = bubble && !bubble.contains(event.target) ? bubble : null;
    if (!isHeld) showWhole();
  });

  // A list with data-submit sends its form when chosen by pointing; a keyboard goes through the values first, and sends
  // with the button that follows.
  var pointed = null;
  document.addEventListener("pointerdown", function (event) { pointed = closest(event.target, "select[data-submit]"); });
  document.addEventListener("keydown", function (event) { if (event.key !== "Enter") pointed = null; });
  document.addEventListener("change", function (event) {
    if (pointed && event.target === pointed) pointed.form.requestSubmit();
  });

  // --- Buttons ---------------------------------------------------------------------------------------------------------

  document.addEventListener("click", function (event) {
    // Safari does not focus a button that is clicked, and the bubble shows on focus.
    var square = closest(event.target, ".week button.k");
    if (square) { closest(square, ".c").classList.remove("shut"); square.focus(); }

    var reveal = closest(event.target, "[data-reveal]");
    if (reveal) {
      var input = document.getElementById(reveal.dataset.reveal);
      var show = input.type === "password";
      input.type = show ? "text" : "password";
      reveal.setAttribute("aria-pressed", String(show));
      reveal.querySelector("span").textContent = show ? "Masquer" : "Afficher";
    }

    var printer = closest(event.target, "[data-print]");
    if (printer) print();

    var theme = closest(event.target, "[data-theme-choice]");
    if (theme) {
      var choice = theme.dataset.themeChoice;
      if (choice === "system") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = choice;
      try { localStorage.setItem("theme", choice); } catch (refused) { /* Kept for this page only. */ }
      showTheme();
    }
  });

  function showTheme() {
    var chosen = document.documentElement.dataset.theme || "system";
    document.querySelectorAll("[data-theme-choice]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === chosen));
    });
  }
  showTheme();

  // A form is sent once: the second press of a busy button does nothing.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (event.defaultPrevented || (form.method || "get").toLowerCase() !== "post" || form.hasAttribute("hx-post")) return;
    form.dataset.sent = "yes";
    var button = event.submitter;
    // After this turn, so that the button's own name and value are still sent.
    setTimeout(function () {
      if (!button || !button.dataset.busy) return;
      button.style.minWidth = button.offsetWidth + "px";
      button.setAttribute("aria-disabled", "true");
      button.dataset.rest = button.innerHTML;
      button.textContent = button.dataset.busy;
    });
  });

  // A form that only leads to another site goes by itself, once: the browser's arrow back stops on its button.
  var leaving = document.querySelector("form[data-goes]");
  var came = performance.getEntriesByType("navigation")[0];
  if (leaving && !(came && came.type === "back_forward")) leaving.requestSubmit();

  // Coming back with the browser's arrow shows the page as it was left: its forms can be sent again.
  addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
    document.querySelectorAll("button[data-rest]").forEach(function (button) {
      button.innerHTML = button.dataset.rest;
      delete button.dataset.rest;
      button.removeAttribute("aria-disabled");
    });
  });

  document.querySelectorAll("[data-reveal][hidden], [data-print][hidden], [data-themes][hidden]").forEach(function (only) { only.hidden = false; });

  document.addEventListener("htmx:afterSwap", function (event) {
    var basket = document.getElementById("panier");
    if (basket && event.target.id === "panier") announce(basket.dataset.say);
  });
})();
