// Shows what the builder says, while one works on the site: reloads, new styles, problems.
(() => {
  "use strict";
  const key = "reload-scroll";
  const kept = sessionStorage.getItem(key);
  if (kept !== null) {
    sessionStorage.removeItem(key);
    addEventListener("load", () => scrollTo(0, Number(kept)));
  }

  const place = (element, styles) => Object.assign(element.style, styles);
  let panel = null;

  const close = () => {
    panel?.remove();
    panel = null;
  };

  const show = ({ problems }) => {
    close();
    panel = document.createElement("div");
    panel.setAttribute("role", "alert");
    place(panel, {
      position: "fixed", inset: "auto 0 0 0", maxHeight: "60vh", overflow: "auto", zIndex: "9999",
      padding: "1rem", background: "#2b0b0b", color: "#fff", font: "14px/1.5 monospace",
    });
    const button = document.createElement("button");
    button.textContent = "Close";
    place(button, { float: "right", font: "inherit", padding: "0.25rem 0.75rem" });
    button.addEventListener("click", close);
    panel.append(button);
    const title = document.createElement("strong");
    title.textContent = `${problems.length} to mend; the site is as it was`;
    panel.append(title);
    for (const { place: where, message, hint } of problems) {
      const line = document.createElement("p");
      place(line, { margin: "0.5rem 0 0", whiteSpace: "pre-wrap" });
      line.textContent = `${where}: ${message}${hint ? `\n  hint: ${hint}` : ""}`;
      panel.append(line);
    }
    document.body.append(panel);
  };

  addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });

  const restyle = () => {
    close();
    for (const link of document.querySelectorAll('link[rel="stylesheet"]')) {
      const url = new URL(link.href);
      url.searchParams.set("at", String(Date.now()));
      link.href = url.href;
    }
  };

  const events = new EventSource("/__reload__");
  events.addEventListener("css", restyle);
  events.addEventListener("page", () => {
    sessionStorage.setItem(key, String(scrollY));
    location.reload();
  });
  events.addEventListener("problems", (event) => show(JSON.parse(event.data)));
})();
