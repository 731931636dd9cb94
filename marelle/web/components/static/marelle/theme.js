// Loaded first, in the head: says that scripts run, and brings back the theme chosen earlier, before anything is drawn.
(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("js");
  try {
    var theme = localStorage.getItem("theme");
    if (theme === "dark" || theme === "light") root.dataset.theme = theme;
  } catch (refused) {
    // Storage can be refused by the browser: the system's theme is kept.
  }
  // The buttons that scripts make needless come back if the other files did not arrive.
  addEventListener("load", function () {
    if (!root.dataset.ready) root.classList.remove("js");
  });
})();
