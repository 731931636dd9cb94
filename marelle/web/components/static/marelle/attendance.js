// The attendance sheet on a tablet: each tick is kept at once in the browser, sent when it can be, and what the other
// tablets tick appears. Without this file the sheet is a form with a button.
(function () {
  "use strict";

  var form = document.querySelector("form[data-exchange]");
  if (!form || !window.indexedDB || !window.Presences) return;

  var EACH = 20000; // milliseconds between two exchanges
  var url = form.dataset.exchange, agent = form.dataset.agent;
  var sync = form.querySelector(".sync"), words = sync.querySelector(".sync-words"), signIn = sync.querySelector(".sync-in");
  var since = Date.now() - 10 * 60 * 1000, waiting = [], state = "sent", sentAt = null, running = null, undone = null, whole = "";
  var keeping = [], isAskedAgain = false; // ticks on their way to the store; an exchange wished while another one runs

  function counted(count, one, many) { return count + " " + (count < 2 ? one : many); }
  function cells() { return Array.from(form.querySelectorAll("td[data-square]")); }
  function cellOf(square) { return form.querySelector('td[data-square="' + CSS.escape(square) + '"]'); }
  function checkedIn(cell) { var input = cell.querySelector(".tick input:checked"); return input ? input.value : ""; }
  function fieldIn(cell, start) { return cell.querySelector('input[name^="' + start + '"]'); }
  function isShown(cell) { return !cell.closest("[hidden]"); }

  // --- What is seen of it -------------------------------------------------------------------------------------------

  function tally() {
    var count = { present: 0, absent: 0, "": 0 };
    cells().filter(isShown).forEach(function (cell) {
      var value = checkedIn(cell);
      if (value || !cell.classList.contains("told")) count[value] += 1;
    });
    document.querySelector(".tally b").textContent = counted(count.present, "présent", "présents") + ", " +
      counted(count.absent, "absent", "absents") + ", " + count[""] + " à pointer";
  }

  function clock() {
    var now = new Date();
    return now.getHours() + " h " + String(now.getMinutes()).padStart(2, "0");
  }

  function show() {
    var mine = waiting.concat(keeping).filter(function (one) { return one.agent === agent; });
    var others = waiting.length + keeping.length - mine.length;
    var here = counted(mine.length, "pointage gardé", "pointages gardés") + " sur cette tablette";
    var said = {
      sent: mine.length ? "Envoi de " + counted(mine.length, "pointage", "pointages") + "…"
        : sentAt ? "Tout est envoyé à " + sentAt : "Vos pointages sont envoyés au fur et à mesure",
      offline: mine.length ? "Hors ligne : " + here : "Hors ligne : rien n’attend d’être envoyé",
      failing: "Le service ne répond pas" + (mine.length ? " : " + here : ""),
      "signed-out": "Votre session est terminée" + (mine.length ? " : " + here : ""),
      "other-agent": "Un autre agent est connecté" + (mine.length ? " : " + here + ", pour vous seul" : "")
    }[state];
    if (others) said += ". " + counted(others, "pointage attend", "pointages attendent") + " ici la reconnexion d’un autre agent";
    sync.hidden = false;
    sync.dataset.state = state === "sent" && mine.length ? "sending" : state;
    if (words.textContent !== said + ".") words.textContent = said + ".";
    signIn.hidden = state !== "signed-out" && state !== "other-agent";
    var unsent = new Set(mine.map(function (one) { return one.square; }));
    cells().forEach(function (cell) { cell.classList.toggle("unsent", unsent.has(cell.dataset.square)); });
  }

  function setCell(cell, said) {
    cell.querySelectorAll(".tick input").forEach(function (input) { input.checked = input.value === said.state; });
    var left = fieldIn(cell, "parti.");
    if (left && document.activeElement !== left) left.value = said.left || "";
    showLeft(cell);
  }

  // The hour of leaving is asked of one who was there: « Retard » proposes the present hour, which may be changed.
  function showLeft(cell) {
    var left = fieldIn(cell, "parti.");
    if (!left) return;
    var label = left.closest("label"), button = cell.querySelector(".late");
    if (!button) {
      button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-outlined late";
      button.textContent = "Retard";
      label.before(button);
      button.addEventListener("click", function () {
        var now = new Date();
        left.value = String(now.getHours()).padStart(2, "0") + ":" + String(now.getMinutes()).padStart(2, "0");
        cell.querySelector('.tick input[value="present"]').checked = true;
        tick([cell]);
        left.focus();
      });
    }
    var name = cell.querySelector("legend").textContent;
    button.setAttribute("aria-label", "Retard : " + name);
    label.hidden = !left.value && document.activeElement !== left;
    button.hidden = !label.hidden || checkedIn(cell) === "absent";
  }

  // Where tablets disagree: shown until somebody taps one of the answers, or says that the one kept is right.
  function showConflict(cell, said) {
    var conflict = cell.querySelector(".conflict");
    cell.classList.toggle("disputed", !!said);
    if (!conflict && !said) return;
    if (!conflict) { // the page writes it only where there is one
      conflict = document.getElementById("carre-ajoute").content.querySelector(".conflict").cloneNode(true);
      cell.insertBefore(conflict, cell.querySelector(":scope > small"));
    }
    var button = conflict.querySelector("button");
    conflict.hidden = !said;
    conflict.querySelector(".conflict-words").textContent = said || "";
    if (button || !said) return;
    button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-outlined";
    button.textContent = "C’est bien cela";
    button.setAttribute("aria-label", "C’est bien cela : " + cell.querySelector("legend").textContent);
    button.addEventListener("click", function () {
      cell.querySelector(".tick input:checked").focus();
      tick([cell]);
    });
    conflict.append(button);
  }

  function apply(squares) {
    var unsent = new Set(waiting.concat(keeping).map(function (one) { return one.square; }));
    Object.keys(squares).forEach(function (square) {
      var said = squares[square], cell = cellOf(square);
      if (!cell && said.state) cell = addSquare(square);
      if (!cell) return;
      cell.dataset.knew = said.knew.join(" ");
      if (!unsent.has(square)) setCell(cell, said);
      showConflict(cell, said.conflict);
    });
    tally();
  }

  // --- Ticking ------------------------------------------------------------------------------------------------------

  function markOf(cell) {
    var left = fieldIn(cell, "parti."), stayed = fieldIn(cell, "duree."), value = checkedIn(cell);
    var minutes = stayed && /^\d{1,4}$/.test(stayed.value.trim()) ? Number(stayed.value) : null;
    return {
      agent: agent, url: url, square: cell.dataset.square, state: value, left: left && value === "present" ? left.value : "",
      minutes: value === "present" ? minutes : null, name: cell.querySelector("legend").textContent,
      knew: cell.dataset.knew ? cell.dataset.knew.split(" ") : []
    };
  }

  async function tick(some) {
    some.forEach(showLeft);
    tally();
    var marks = some.map(markOf);
    keeping = keeping.concat(marks);
    show();
    try {
      waiting = waiting.concat(await Presences.keep(marks));
      keeping = keeping.filter(function (one) { return marks.indexOf(one) < 0; });
    } catch {
      // A browser that keeps nothing (private window): the form and its button are there for that.
      form.classList.remove("on-tablet");
      words.textContent = "Cette tablette ne peut rien garder : enregistrez la feuille avec le bouton.";
      sync.hidden = false;
      return;
    }
    show();
    askForSync();
    exchange();
  }

  form.addEventListener("change", function (event) {
    var cell = event.target.closest("td[data-square]");
    if (!cell || event.target.name.startsWith("juste.")) return;
    endUndo();
    tick([cell]);
  });
  form.addEventListener("submit", function (event) {
    if (!form.classList.contains("on-tablet")) return;
    event.preventDefault();
    if (event.submitter && event.submitter.name === "others") others(event.submitter);
  });

  // « Tous présents sauf… »: those who are not ticked, in view; taken back by the same button until the next tick.
  function others(button) {
    if (undone) {
      var back = undone;
      endUndo();
      back.forEach(function (cell) { cell.querySelector('.tick input[value=""]').checked = true; });
      tick(back);
      return;
    }
    var left = cells().filter(function (cell) {
      return isShown(cell) && !checkedIn(cell) && !cell.classList.contains("told");
    });
    if (!left.length) return;
    left.forEach(function (cell) { cell.querySelector('.tick input[value="present"]').checked = true; });
    tick(left);
    undone = left;
    button.lastElementChild.textContent = "Annuler : " + left.length + " à pointer de nouveau";
  }

  function endUndo() {
    undone = null;
    var words = form.querySelector('button[name="others"]').lastElementChild;
    whole = whole || words.textContent.replace("Enregistrer, tous", "Tous"); // and of which services
    words.textContent = whole;
  }

  // --- The exchange -------------------------------------------------------------------------------------------------

  function exchange() {
    isAskedAgain = true;
    if (!running) running = exchanged().finally(function () { running = null; });
    return running;
  }

  async function exchanged() {
    while (isAskedAgain) {
      isAskedAgain = false;
      try {
        var told = await Presences.exchange(url, agent, since);
        since = told.now;
        state = "sent";
        waiting = await Presences.all("marks");
        sentAt = clock();
        apply(told.squares);
      } catch (error) {
        state = error.state || "failing";
        waiting = await Presences.all("marks").catch(function () { return waiting; });
      }
      show();
      await showRefused();
    }
  }

  async function showRefused() {
    var refused = await Presences.all("refused").catch(function () { return []; });
    var list = form.querySelector(".not-kept");
    list.hidden = !refused.length;
    list.replaceChildren.apply(list, refused.map(function (one) {
      var line = document.createElement("li"), said = document.createElement("span"), gone = document.createElement("button");
      said.textContent = one.name + " : " + one.why;
      gone.type = "button";
      gone.className = "btn btn-text";
      gone.textContent = "J’ai lu";
      gone.addEventListener("click", async function () { await Presences.forget(one.uid); showRefused(); });
      line.append(said, gone);
      return line;
    }));
  }

  function askForSync() {
    if (!navigator.serviceWorker) return;
    navigator.serviceWorker.ready.then(function (ready) {
      if (ready.sync) ready.sync.register("presences").catch(function () { /* it is asked each twenty seconds anyway */ });
    });
  }

  // --- Children who had not reserved, and classes ---------------------------------------------------------------------

  // [child, name, class, [[product, its name]…], its place in a list] of those of whom something is not on the sheet.
  var enrolled = (function () {
    var told = JSON.parse(form.dataset.enrolled || '{"products": [], "children": []}');
    var here = new Set(cells().map(function (cell) { return cell.dataset.square; }));
    return told.children.map(function (one) {
      var free = told.products[one[4]].filter(function (product) { return !here.has(one[0] + "." + product[0]); });
      return [one[0], one[1] + " " + one[2], one[3], free, folded(one[2]) + "\n" + folded(one[1])];
    }).filter(function (one) { return one[3].length; });
  })();

  function folded(text) {
    return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").replace(/[-'’]/g, " ").toLowerCase();
  }

  function addSquare(square) {
    var ids = square.split("."), child = enrolled.find(function (one) { return one[0] === ids[0]; });
    var product = child && child[3].find(function (one) { return one[0] === ids[1]; });
    if (!product) return null;
    var place = form.querySelector(".added tbody");
    if (!place) {
      form.querySelector(".sheet-foot").before(document.getElementById("ligne-ajoutee").content.cloneNode(true));
      place = form.querySelector(".added tbody");
    }
    var row = place.querySelector('tr[data-child="' + CSS.escape(ids[0]) + '"]');
    if (!row) {
      row = document.getElementById("case-ajoutee").content.cloneNode(true).firstElementChild;
      row.dataset.child = ids[0];
      row.querySelector("th").textContent = child[1] + (child[2] ? ", " + child[2] : "");
      place.append(row);
    }
    var cell = document.getElementById("carre-ajoute").content.cloneNode(true).firstElementChild;
    cell.dataset.square = square;
    cell.dataset.knew = "";
    cell.querySelector("legend").textContent = child[1] + ", " + product[1].toLowerCase();
    cell.querySelector(".mark-name").textContent = product[1];
    cell.querySelectorAll("input").forEach(function (input) { input.name = "p." + square; });
    row.append(cell);
    return cell;
  }

  var search = document.querySelector(".unbooked-search");
  function searchFor() {
    var list = document.querySelector(".unbooked .found"), wanted = folded(search.nom.value).split(" ").filter(Boolean);
    var found = wanted.length ? enrolled.filter(function (one) {
      var name = folded(one[1]);
      return wanted.every(function (word) { return name.includes(word); });
    }).sort(function (one, other) { return one[4] < other[4] ? -1 : 1; }).slice(0, 20) : [];
    list.replaceChildren.apply(list, found.map(function (one) {
      var line = document.createElement("li"), said = document.createElement("p"), name = document.createElement("b"), row = document.createElement("div");
      name.textContent = one[1];
      said.append(name, one[2] ? " " + one[2] : "");
      row.className = "row";
      one[3].forEach(function (product) {
        var button = document.createElement("button");
        button.type = "button";
        button.className = "btn btn-outlined";
        button.textContent = "Présence, " + product[1];
        button.setAttribute("aria-label", "Présence, " + product[1] + " : " + one[1]);
        button.addEventListener("click", function () {
          var square = one[0] + "." + product[0], cell = cellOf(square) || addSquare(square);
          cell.querySelector('.tick input[value="present"]').checked = true;
          tick([cell]);
          button.disabled = true;
          button.textContent = "Présence notée, " + product[1];
        });
        row.append(button);
      });
      line.append(said, row);
      return line;
    }));
    if (wanted.length && !found.length) {
      var none = document.createElement("li");
      none.className = "quiet";
      none.textContent = "Aucun enfant inscrit ne porte ce nom, hors de la feuille.";
      list.append(none);
    }
  }
  if (search) {
    search.addEventListener("submit", function (event) { event.preventDefault(); searchFor(); });
    search.nom.addEventListener("input", searchFor);
  }

  function offerClasses() {
    var rolls = Array.from(form.querySelectorAll(".class-roll")).filter(function (one) { return !one.closest(".added"); });
    var names = Array.from(new Set(rolls.map(function (one) { return one.querySelector("caption b").textContent; })));
    var nav = document.querySelector(".class-chips");
    if (!nav || names.length < 2) return;
    [""].concat(names).forEach(function (name) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "chip";
      button.textContent = name || "Toutes les classes";
      if (!name) button.setAttribute("aria-current", "true");
      button.addEventListener("click", function () {
        nav.querySelectorAll("button").forEach(function (one) { one.removeAttribute("aria-current"); });
        button.setAttribute("aria-current", "true");
        rolls.forEach(function (one) { one.hidden = !!name && one.querySelector("caption b").textContent !== name; });
        tally();
      });
      nav.append(button);
    });
    nav.hidden = false;
  }

  // --- The start ----------------------------------------------------------------------------------------------------

  function keepThisPage() {
    if (!navigator.serviceWorker || !Number(form.dataset.kept)) return;
    navigator.serviceWorker.register(form.dataset.worker, { scope: "/" }).catch(function () { /* it works with the network */ });
    navigator.serviceWorker.addEventListener("message", function (event) { if (event.data === "send") exchange(); });
    navigator.serviceWorker.ready.then(function (ready) {
      var parts = Array.from(document.querySelectorAll("link[rel=stylesheet], link[rel=preload], link[rel=icon]"), function (one) { return one.href; });
      parts = parts.concat(Array.from(document.querySelectorAll("script[src], img[src]"), function (one) { return one.src; }));
      var drawing = document.querySelector("use[href]");
      if (drawing) parts.push(new URL(drawing.getAttribute("href").split("#")[0], location.href).href);
      ready.active.postMessage({ keep: { page: location.href.split("#")[0], parts: Array.from(new Set(parts)) } });
    });
  }

  async function start() {
    try {
      waiting = await Presences.all("marks");
    } catch {
      return;
    }
    form.classList.add("on-tablet");
    form.querySelectorAll(".no-script").forEach(function (one) { one.remove(); });
    cells().forEach(function (cell) {
      var conflict = cell.querySelector(".conflict");
      if (conflict) showConflict(cell, conflict.hidden ? "" : conflict.querySelector(".conflict-words").textContent);
      showLeft(cell);
    });
    endUndo();
    offerClasses();
    // A sheet that was kept knows less than what this tablet ticked since.
    waiting.filter(function (one) { return one.agent === agent && one.url === url; }).forEach(function (one) {
      var cell = cellOf(one.square) || addSquare(one.square);
      if (cell) setCell(cell, one);
    });
    tally();
    show();
    keepThisPage();
    exchange();
    setInterval(function () { if (!document.hidden || waiting.length) exchange(); }, EACH);
    addEventListener("online", exchange);
    addEventListener("offline", function () { state = "offline"; show(); });
    document.addEventListener("visibilitychange", function () { if (!document.hidden) exchange(); });
    // What another agent must not find on the screen in the morning.
    if (Number(form.dataset.kept)) setTimeout(function () { location.reload(); }, Math.min(Number(form.dataset.kept), 2e9));
  }

  start();
})();
