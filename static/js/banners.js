// Before anything is painted: announcements that were dismissed here stay away.
(function () {
  const KEPT = 20;

  function read() {
    try {
      const kept = JSON.parse(localStorage.getItem("banners"));
      return Array.isArray(kept) ? kept.filter((key) => /^\w+$/.test(key)) : [];
    } catch {
      return [];
    }
  }

  // A rule of style, not an element: there is none yet, and nothing shall jump.
  function hide(keys) {
    const sheet = new CSSStyleSheet();
    keys.forEach((key) => sheet.insertRule(`[data-banner="${key}"] { display: none; }`));
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }

  function dismiss(banner) {
    const keys = [...read(), banner.dataset.banner].slice(-KEPT);
    hide([banner.dataset.banner]);
    document.getElementById("main").focus({ preventScroll: true });
    try {
      localStorage.setItem("banners", JSON.stringify(keys));
    } catch {
      // It holds for this page then.
    }
  }

  hide(read());
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-dismiss]");
    if (button) {
      dismiss(button.closest("[data-banner]"));
    }
  });
})();
