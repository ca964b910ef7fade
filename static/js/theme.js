// Before anything is painted: the theme that was chosen here, and a mark that scripts run.
(function () {
  const root = document.documentElement;
  root.classList.add("js");
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") {
      root.dataset.theme = theme;
    }
  } catch {
    // Where nothing may be kept, the theme is the system's.
  }
})();
