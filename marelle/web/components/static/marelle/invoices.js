// The invoices ticked, summed at once. Without this file, « Actualiser le montant » does it.
(function () {
  "use strict";
  var form = document.getElementById("selection");
  if (!form) return;
  var amount = new Intl.NumberFormat("fr-FR", { style: "currency", currency: "EUR" });
  var lines = form.querySelector("[data-lines]");

  function boxes() { return document.querySelectorAll('input[name="facture"][form="selection"]'); }

  function show() {
    var cents = 0, count = 0;
    lines.textContent = "";
    boxes().forEach(function (box) {
      if (!box.checked) return;
      var own = Number(box.dataset.cents);
      var line = document.createElement("li"), name = document.createElement("span"), sum = document.createElement("b");
      cents += own;
      count += 1;
      name.textContent = box.dataset.name;
      sum.textContent = amount.format(own / 100);
      line.append(name, sum);
      lines.append(line);
    });
    form.querySelector("[data-total]").textContent = amount.format(cents / 100);
    form.querySelector("[data-count]").textContent = count ? count + (count > 1 ? " factures" : " facture") : "Aucune facture";
    return count;
  }

  document.addEventListener("change", function (event) {
    if (!event.target.matches('input[name="facture"][form="selection"]')) return;
    var count = show();
    var place = document.getElementById("annonce");
    if (place) place.textContent = "Montant à payer " + form.querySelector("[data-total]").textContent + ", " + (count > 1 ? count + " factures." : count + " facture.");
  });
  // A page brought back by the browser keeps its ticks.
  addEventListener("pageshow", show);
  show();
})();
