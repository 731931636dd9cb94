// A template fills its field at once, without asking the page again; what was typed already is kept above it.
(function () {
  "use strict";
  document.addEventListener("submit", function (event) {
    var list = event.target.querySelector("select[data-fills]");
    var field = list && document.getElementById(list.dataset.fills);
    if (!field) return;
    event.preventDefault();
    var body = list.selectedOptions[0].dataset.body, typed = field.value.trim();
    field.value = typed && typed !== body.trim() ? typed + "\n\n" + body : body;
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
