// Sets theme and density before the first paint, so that no page flashes. It is a file of its own
// because the server's content policy allows no inline script.
(function () {
  var root = document.documentElement;
  var chosen = null;
  var density = null;
  try {
    chosen = localStorage.getItem("thingward-theme");
    density = localStorage.getItem("thingward-density");
  } catch {
    // Storage can be switched off; the system's choice then stands.
  }
  var dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
  root.setAttribute("data-density", density === "comfortable" ? "comfortable" : "compact");
})();
