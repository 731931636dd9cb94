// A request is filled in and sent without this file. With it, the text fills as one writes, a question comes and goes
// with the answer that it depends on, and a file is sent as soon as it is chosen, with its progress.
(function () {
  "use strict";
  var form = document.querySelector("form[data-application]");
  if (!form) return;

  var CUT = "La connexion a été coupée. Vos réponses sont intactes. Choisissez le fichier à nouveau.";
  var HEAVY = "Ce fichier est trop lourd. Choisissez une photo plus légère ou un PDF.";
  var SIGNED_OUT = "Vous n’êtes plus connecté. Connectez-vous dans un autre onglet, puis choisissez le fichier à nouveau : vos réponses restent ici.";
  var WAIT = "Un fichier est en cours d’envoi. Attendez qu’il soit joint.";
  var sending = 0;

  function announce(words) {
    var place = document.getElementById("annonce");
    place.textContent = "";
    setTimeout(function () { place.textContent = words; }, 60);
  }

  // --- What is asked depends on what is answered -------------------------------------------------------------------------

  function answersTo(code) {
    return Array.prototype.filter.call(form.elements, function (one) {
      return one.name === code && (one.type !== "radio" && one.type !== "checkbox" || one.checked);
    }).map(function (one) { return one.value; });
  }

  function showWhatIsAsked() {
    var shown = [];
    form.querySelectorAll("[data-depends-on]").forEach(function (one) {
      var values = one.dataset.values.split(" ");
      var isAsked = answersTo(one.dataset.dependsOn).some(function (value) { return values.includes(value); });
      if (isAsked && one.hidden) shown.push(one);
      one.hidden = !isAsked;
    });
    return shown;
  }

  showWhatIsAsked();
  addEventListener("pageshow", showWhatIsAsked);
  form.addEventListener("change", function (event) {
    if (event.target.type === "file") return;
    var labels = showWhatIsAsked().map(function (one) { return one.querySelector("label, legend").textContent.trim(); });
    if (labels.length) announce("À remplir aussi : " + labels.join(", "));
  });

  // --- The text, filled as one writes ------------------------------------------------------------------------------------

  var DAY = new Intl.DateTimeFormat("fr-FR", { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

  function listed(words) {
    return words.length < 2 ? words.join("") : words.slice(0, -1).join(", ") + " et " + words[words.length - 1];
  }

  function typed(question) {
    return Array.prototype.map.call(question.querySelectorAll("input, textarea"), function (one) { return one.value.trim(); });
  }

  function wordsOf(question) {
    var select = question.querySelector("select");
    if (select) return select.value ? select.selectedOptions[0].textContent : "";
    var tiles = question.querySelectorAll(".tile");
    if (tiles.length) {
      return listed(Array.prototype.filter.call(tiles, function (tile) { return tile.querySelector("input").checked; })
        .map(function (tile) { return tile.querySelector("b").textContent; }));
    }
    var texts = typed(question);
    switch (question.dataset.kind) {
      case "person":
        var more = [texts[2], texts[1]].filter(Boolean).join(", ");
        return texts[0] && more ? texts[0] + " (" + more + ")" : texts[0];
      case "address":
        return texts.every(Boolean) ? texts[0] + ", " + texts[1] + " " + texts[2] : "";
      case "date":
        var day = texts[0] && new Date(texts[0] + "T00:00:00Z");
        return day && !isNaN(day) ? DAY.format(day).replace(" 1 ", " 1ᵉʳ ") : "";
      case "amount":
        return texts[0] && texts[0] + " €";
      case "family":
        return listed(texts.filter(Boolean));
      default:
        return texts[0];
    }
  }

  function fill(event) {
    var question = event.target.closest("[data-question]");
    if (!question) return;
    document.querySelectorAll('[data-blank="' + question.dataset.question + '"]').forEach(function (blank) {
      blank.textContent = wordsOf(question) || "…";
    });
  }
  form.addEventListener("input", fill);
  form.addEventListener("change", fill);

  // --- Files, one at a time ----------------------------------------------------------------------------------------------

  function say(piece, words) {
    var old = piece.querySelector(".error");
    if (old) old.remove();
    var error = document.createElement("p");
    error.className = "error";
    error.setAttribute("role", "alert");
    error.textContent = words;
    piece.querySelector(".file").before(error);
  }

  function swapIn(html, code) {
    var old = document.getElementById("pieces");
    var holder = document.createElement("template");
    holder.innerHTML = html;
    var fresh = holder.content.getElementById("pieces");
    if (!fresh) return false;
    // What is chosen elsewhere among documents of the file stays chosen.
    old.querySelectorAll("input[type=radio]:checked").forEach(function (one) {
      var same = fresh.querySelector('input[name="' + one.name + '"][value="' + one.value + '"]');
      if (same && !one.closest('[data-piece="' + code + '"]')) same.checked = true;
    });
    old.replaceWith(fresh);
    showWhatIsAsked();
    var piece = document.getElementById("piece-" + code);
    var next = piece && piece.querySelector("input[type=file], [data-away]");
    if (next) next.focus({ preventScroll: true });
    return true;
  }

  function send(url, code, body, onProgress, done, failed) {
    var ask = new XMLHttpRequest();
    ask.open("POST", url);
    body.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    ask.setRequestHeader("HX-Request", "true");
    ask.setRequestHeader("HX-Current-URL", location.href);
    if (onProgress) ask.upload.onprogress = onProgress;
    sending += 1;
    ask.onloadend = function () {
      sending -= 1;
      if (ask.status === 413) return failed(HEAVY);
      if (ask.getResponseHeader("HX-Redirect") || ask.status === 403) return failed(SIGNED_OUT);
      if (![200, 409, 422].includes(ask.status) || !swapIn(ask.responseText, code)) return failed(CUT);
      var error = document.querySelector("#piece-" + code + " .error, #pieces .notice.red");
      announce(error ? error.textContent.trim() : done);
    };
    ask.send(body);
  }

  form.addEventListener("change", function (event) {
    var input = event.target, piece = input.closest("[data-piece]");
    if (input.type !== "file" || !piece || !input.files.length) return;
    var file = input.files[0], zone = input.closest("[data-file]"), code = piece.dataset.piece;
    var name = zone.querySelector(".file-name"), bar = zone.querySelector("progress");
    var body = new FormData();
    body.append(input.name, file);
    input.disabled = true;
    bar.hidden = false;
    name.textContent = "Envoi de « " + file.name + " »…";
    announce(name.textContent);
    send(zone.dataset.url, code, body, function (step) {
      if (!step.lengthComputable) return;
      bar.value = Math.round(step.loaded / step.total * 100);
      if (step.loaded === step.total) name.textContent = "Vérification de « " + file.name + " »…";
    }, "« " + file.name + " » est joint.", function (words) {
      input.disabled = false;
      input.value = "";
      bar.hidden = true;
      name.textContent = "Aucun fichier choisi";
      say(piece, words);
    });
  });

  form.addEventListener("click", function (event) {
    var away = event.target.closest("[data-away]");
    if (!away) return;
    event.preventDefault();
    if (away.getAttribute("aria-disabled")) return;
    away.setAttribute("aria-disabled", "true");
    var piece = away.closest("[data-piece]");
    send(away.formAction, piece.dataset.piece, new FormData(), null, "Le fichier est retiré.", function () {
      // Without an answer, the whole form goes, and the server says.
      away.removeAttribute("data-away");
      away.removeAttribute("aria-disabled");
      away.click();
    });
  });

  // Before the listener of every page, which notes that a form is sent.
  addEventListener("submit", function (event) {
    if (event.target !== form || !sending) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    announce(WAIT);
  }, true);
})();
