// What is typed of each invoice, summed at once: the sum on the page is what will be paid. Without this file the next
// page says it, before anything is debited.
(function () {
  "use strict";
  var amount = new Intl.NumberFormat("fr-FR", { style: "currency", currency: "EUR" });

  function cents(text) {
    var plain = text.replace(/[\s€]/g, "").replace(",", ".");
    return /^\d+(\.\d{1,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : null;
  }

  function show(till) {
    var parts = till.querySelectorAll("[data-part]"), sum = till.querySelector("[data-sum]");
    if (!parts.length) return;
    var total = 0, isKnown = true, isWhole = true;
    parts.forEach(function (part) {
      var own = cents(part.value);
      isKnown = isKnown && own !== null;
      isWhole = isWhole && own === cents(part.defaultValue);
      total += own || 0;
    });
    sum.textContent = isKnown ? amount.format(total / 100) : "…";
    // These words split the sum that the server knows between the wallet and the payment page.
    till.querySelectorAll("[data-of-sum]").forEach(function (words) { words.hidden = !isWhole; });
  }

  function all() { document.querySelectorAll(".pays section").forEach(show); }

  document.addEventListener("input", function (event) {
    if (event.target.matches("[data-part]")) show(event.target.closest("section"));
  });
  addEventListener("pageshow", all);
})();
