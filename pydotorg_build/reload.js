// Only while one works on the site: shows what was saved, as soon as it is built.
// The server fills in the version of the site that this script came with.

(() => {
  let version = "{version}";
  let events = null;
  const place = `reload-scroll:${location.pathname}`;

  const back = sessionStorage.getItem(place);
  if (back !== null) {
    sessionStorage.removeItem(place);
    scrollTo(...JSON.parse(back));
  }

  function listen() {
    events = new EventSource("/__reload__");
    on("hello", (message) => {
      if (message.version === version) hideProblems();
      else reload();
    });
    on("page", reload);
    on("css", (message) => {
      version = message.version;
      hideProblems();
      document.querySelectorAll("link[rel~=stylesheet]").forEach(swap);
    });
    on("problems", (message) => showProblems(message.problems));
    // A browser tries again by itself only after a lost connection, not after an error page.
    events.onerror = () => {
      if (events.readyState === EventSource.CLOSED) setTimeout(restart, 1000);
    };
  }

  function on(kind, act) {
    events.addEventListener(kind, (event) => act(JSON.parse(event.data)));
  }

  function rest() {
    events?.close();
    events = null;
  }

  function restart() {
    rest();
    if (!document.hidden) listen();
  }

  // What somebody types into a form would be lost, and what the sidecar says once, after a step that
  // the site is built for: such a page stays as it is until it is left.
  function wouldLose() {
    const fields = [...document.querySelectorAll("form[method=post] :is(input, textarea)")];
    const isTyped = fields.some((field) => field.value !== field.defaultValue);
    return isTyped || document.querySelector(".alert-success[role=status]") !== null;
  }

  function reload() {
    if (wouldLose()) return;
    sessionStorage.setItem(place, JSON.stringify([scrollX, scrollY]));
    location.reload();
  }

  function swap(link) {
    const address = new URL(link.href);
    if (address.origin !== location.origin) return;
    address.searchParams.set("reload", version);
    const next = link.cloneNode();
    next.removeAttribute("integrity");
    next.href = address.href;
    next.onload = next.onerror = () => link.remove();
    link.after(next);
  }

  // The overlay: text only, whatever a file or a message may hold.

  let panel = null;

  function element(name, text, style) {
    const made = document.createElement(name);
    made.textContent = text;
    Object.assign(made.style, style);
    return made;
  }

  function hideProblems() {
    panel?.remove();
    panel = null;
  }

  function showProblems(problems) {
    hideProblems();
    panel = element("div", "", {
      position: "fixed", inset: "auto 0 0", zIndex: 2147483647, maxHeight: "60vh", overflow: "auto",
      padding: "1rem 1.5rem", color: "#fff", background: "#7a1020", font: "16px/1.5 system-ui",
    });
    panel.setAttribute("role", "alert");
    panel.id = "reload-problems";
    const count = `${problems.length} problem${problems.length === 1 ? "" : "s"}`;
    panel.append(element("strong", `${count}; the site is as it was before`, {}), closing());
    const list = element("ul", "", { margin: "0.5rem 0 0", paddingLeft: "1.2rem" });
    list.append(...problems.map(line));
    panel.append(list);
    document.body.append(panel);
  }

  function line(problem) {
    const made = element("li", "", { marginBottom: "0.25rem" });
    const code = { fontFamily: "ui-monospace, monospace", color: "inherit", background: "none" };
    made.append(element("code", problem.place, code), `: ${problem.message}`);
    if (problem.hint) made.append(element("div", `hint: ${problem.hint}`, {}));
    return made;
  }

  function closing() {
    const button = element("button", "Close", {
      float: "right", padding: "0.25rem 1rem", font: "inherit", color: "#7a1020",
      background: "#fff", border: "0", borderRadius: "4px", cursor: "pointer",
    });
    button.type = "button";
    button.addEventListener("click", hideProblems);
    return button;
  }

  addEventListener("keydown", (event) => {
    if (event.key === "Escape") hideProblems();
  });
  // A browser has six connections for a server: tabs that nobody looks at need none.
  document.addEventListener("visibilitychange", restart);
  addEventListener("pagehide", rest);
  addEventListener("pageshow", (event) => {
    if (event.persisted) restart();
  });
  restart();
})();
