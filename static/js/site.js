// What every page can do better with a script: theme, menu, search from anywhere, copying code.

const root = document.documentElement;
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

offerThemes(document.querySelector("[data-theme-toggle]"));
tendMenu(document.querySelector(".menu"), document.querySelector(".menu-button"));
document.querySelectorAll("[data-dialog]").forEach(offerDialog);
openSearchByKey(document.querySelector("[data-open-search]"));
document.querySelectorAll(".code > pre, pre[data-copy]").forEach(offerCopy);
showSamples(document.querySelector(".samples-list"));
suggestNear(document.querySelector("[data-near]"));
document.addEventListener("submit", sendOnce);

// A form that is being sent is not sent again: its buttons wait for the next page.

function sendOnce(event) {
  const form = event.target;
  // What opens in another tab leaves the form where it is.
  const stays = event.submitter?.formTarget;
  if (event.defaultPrevented || stays || form.getAttribute("method") !== "post") {
    return;
  }
  if (form.ariaBusy === "true") {
    event.preventDefault();
    return;
  }
  form.ariaBusy = "true";
  keepBehind(form, event.submitter);
  const buttons = form.querySelectorAll("button");
  // What was pressed is part of what is sent, so it waits from then on.
  setTimeout(() => buttons.forEach((button) => (button.disabled = true)));
  const open = () => {
    form.ariaBusy = null;
    buttons.forEach((button) => (button.disabled = false));
  };
  // No page may come: it was stopped, or one goes back to this one.
  setTimeout(open, 10000);
  addEventListener("pageshow", open, { once: true });
}

// Without a network Chromium shows that in place of the page, where a form is sent to the address it
// stands at: who goes back would be before the form, and without what was typed.
function keepBehind(form, button) {
  const name = button?.hasAttribute("formaction") ? "formaction" : "action";
  const sender = name === "action" ? form : button;
  const here = location.href.split("#")[0];
  const there = new URL(sender.getAttribute(name) ?? "", here).href;
  if (form.querySelector("textarea") && there === here) {
    sender.setAttribute(name, here + (here.includes("?") ? "&" : "?"));
  }
}

// Theme

function offerThemes(button) {
  const isDark = () => (root.dataset.theme ?? (systemIsDark.matches ? "dark" : "light")) === "dark";
  const show = () => button.setAttribute("aria-pressed", String(isDark()));
  button.addEventListener("click", () => {
    choose(isDark() ? "light" : "dark");
    show();
  });
  systemIsDark.addEventListener("change", show);
  show();
}

// What the system says too is not kept: then the page goes on following it.
function choose(theme) {
  const isSystems = theme === (systemIsDark.matches ? "dark" : "light");
  if (isSystems) {
    delete root.dataset.theme;
  } else {
    root.dataset.theme = theme;
  }
  try {
    if (isSystems) {
      localStorage.removeItem("theme");
    } else {
      localStorage.setItem("theme", theme);
    }
  } catch {
    // It holds for this page then.
  }
}

// Menu

function tendMenu(menu, button) {
  const items = [...menu.querySelectorAll("details")];
  const isOpen = () => menu.hasAttribute("data-open");
  const open = (wanted) => {
    menu.toggleAttribute("data-open", wanted);
    button.setAttribute("aria-expanded", String(wanted));
  };
  button.addEventListener("click", () => open(!isOpen()));
  for (const item of items) {
    item.addEventListener("toggle", () => item.open && close(items.filter((one) => one !== item)));
  }
  document.addEventListener("click", (event) => {
    close(items.filter((item) => !item.contains(event.target)));
    if (isOpen() && !menu.contains(event.target) && !button.contains(event.target)) {
      open(false);
      // A link or field that was clicked keeps the focus.
      if (document.activeElement.matches("body, main")) {
        button.focus({ preventScroll: true });
      }
    }
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) {
      close(items);
    }
  });
  document.addEventListener("keydown", (event) => {
    const item = event.key === "Escape" && items.find((one) => one.open);
    if (item) {
      item.open = false;
      item.querySelector("summary").focus();
    } else if (event.key === "Escape" && isOpen()) {
      open(false);
      button.focus();
    }
  });
}

function close(items) {
  for (const item of items) {
    item.open = false;
  }
}

// Search

function openSearchByKey(button) {
  if (/Mac|iPhone|iPad/.test(navigator.platform)) {
    button.querySelector("kbd").textContent = "⌘ K";
    button.setAttribute("aria-keyshortcuts", "Meta+K");
  }
  button.addEventListener("click", (event) => {
    event.preventDefault();
    openSearch(button);
  });
  document.addEventListener("keydown", (event) => {
    const isK = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
    const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !isTyping(event.target);
    if (isK || isSlash) {
      event.preventDefault();
      openSearch(button);
    }
  });
}

function isTyping(element) {
  return element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
}

function openSearch(button) {
  const dialog = document.querySelector("dialog[data-search]");
  if (!dialog) {
    document.querySelector("[data-search] input[type=search]")?.focus();
    return;
  }
  if (dialog.open) {
    return;
  }
  dialog.showModal();
  dialog.querySelector("input").select();
  if (!dialog.dataset.ready) {
    dialog.dataset.ready = "true";
    closeFromBeside(dialog);
    // A search field would take the key to empty itself.
    dialog.addEventListener("keydown", (event) => event.key === "Escape" && dialog.close());
    fetchSearch(button.dataset);
  }
}

// By a tag: `import()` would not check the digest.
function fetchSearch({ openSearch: src, integrity }) {
  const script = document.createElement("script");
  document.head.append(Object.assign(script, { type: "module", src, integrity }));
}

// Dialogs

function offerDialog(opener) {
  const dialog = document.getElementById(opener.dataset.dialog);
  opener.addEventListener("click", () => dialog.showModal());
  closeFromBeside(dialog);
}

function closeFromBeside(dialog) {
  dialog.addEventListener("click", (event) => {
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    const isWithin = left <= event.clientX && event.clientX <= right && top <= event.clientY && event.clientY <= bottom;
    if (event.target === dialog && !isWithin) {
      dialog.close();
    }
  });
}

// Code

function offerCopy(pre) {
  const box = pre.closest(".code") ?? wrap(pre);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    button.textContent = await copied(pre.innerText);
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  box.append(button);
}

function wrap(pre) {
  const box = document.createElement("div");
  box.className = "code";
  pre.replaceWith(box);
  box.append(pre);
  return box;
}

// What is copied of a session at the prompt is what one would type.
async function copied(text) {
  const isSession = /^>>> /m.test(text);
  const lines = text.split("\n").filter((line) => !isSession || /^(>>>|\.\.\.)/.test(line));
  const typed = isSession ? lines.map((line) => line.replace(/^(>>>|\.\.\.) ?/, "")) : lines;
  try {
    await navigator.clipboard.writeText(typed.join("\n").trimEnd());
    return "Copied";
  } catch {
    return "Not allowed";
  }
}

// One sample of code at a time, a dot for each, and the next one after a while

function showSamples(row) {
  const samples = [...(row?.children ?? [])];
  if (samples.length < 2) {
    return;
  }
  const show = (sample) => row.scrollTo({ left: sample.offsetLeft - samples[0].offsetLeft });
  const here = () => Math.round(row.scrollLeft / row.clientWidth);
  const pause = pauseFor(row, () => show(samples[(here() + 1) % samples.length]));
  const dots = samples.map((sample) => dotFor(sample, () => [pause.stop(), show(sample)]));
  const mark = () => {
    dots.forEach((dot) => dot.removeAttribute("aria-current"));
    dots[here()]?.setAttribute("aria-current", "true");
  };
  row.previousElementSibling.append(pause.button, ...dots);
  row.addEventListener("scroll", mark, { passive: true });
  mark();
}

function dotFor(sample, choose) {
  const dot = document.createElement("button");
  dot.type = "button";
  dot.title = sample.getAttribute("aria-label");
  dot.setAttribute("aria-label", dot.title);
  dot.addEventListener("click", choose);
  return dot;
}

// Nothing moves while somebody reads with pointer or keyboard, or who wants less motion.
function pauseFor(row, next) {
  const button = document.createElement("button");
  let runs = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  const set = (value) => {
    runs = value;
    button.textContent = runs ? "Pause" : "Play";
  };
  button.type = "button";
  button.className = "samples-pause";
  button.addEventListener("click", () => set(!runs));
  set(runs);
  setInterval(() => runs && !document.hidden && !row.matches(":hover, :focus-within") && next(), 8000);
  return { button, stop: () => set(false) };
}

// Addresses like the one that is not there

async function suggestNear(section) {
  if (!section) {
    return;
  }
  const lost = decodeURIComponent(location.pathname).toLowerCase();
  document.querySelector("[data-lost]").value = plain(lost).split(/[^a-z0-9.]+/).filter(Boolean).join(" ");
  try {
    const near = await nearest(lost, await addresses());
    section.querySelector("ul").append(...near.map(linkTo));
    section.hidden = near.length === 0;
  } catch {
    // Then there is still the search.
  }
}

// All that the sitemap knows, with a title where the index of pages or a link of this page has one.
async function addresses() {
  const [map, index] = await Promise.all(["/sitemap.xml", "/api/v3/pages.json"].map((path) => fetch(path)));
  const { pages } = await index.json();
  const titles = new Map(pages.map(({ url, title }) => [pathOf(url), title]));
  const found = (await map.text()).matchAll(/<loc>(.*?)<\/loc>/g);
  const titleOf = (path) => titles.get(path) ?? document.querySelector(`main a[href="${path}"]`)?.textContent;
  return Array.from(found, ([, url]) => pathOf(url)).map((path) => ({ path, title: titleOf(path) }));
}

function pathOf(url) {
  return url.slice(url.indexOf("/", 8));
}

// There are thousands: in portions, between which the page answers.
async function nearest(lost, pages) {
  const [ours, near] = [pairs(lost), []];
  for (let first = 0; first < pages.length; first += 200) {
    for (const page of pages.slice(first, first + 200)) {
      const likeness = alike(ours, pairs(page.path.toLowerCase()));
      if (likeness > 0.4) {
        near.push({ ...page, likeness });
      }
    }
    await new Promise((next) => setTimeout(next));
  }
  return near.sort((a, b) => b.likeness - a.likeness).slice(0, 5);
}

// How many pairs of neighbouring letters two addresses share, from 0 to 1.
function alike(ours, theirs) {
  let shared = 0;
  theirs.forEach((pair) => { shared += ours.has(pair); });
  return (2 * shared) / (ours.size + theirs.size || 1);
}

function pairs(address) {
  const text = plain(address);
  return new Set(Array.from(text, (letter, at) => text.slice(at, at + 2)));
}

// An address without its end, which old ones have and today's do not.
function plain(address) {
  return address.replace(/(index)?(\.html?)?\/?$/, "");
}

function linkTo({ title, path }) {
  const [item, link] = [document.createElement("li"), document.createElement("a")];
  link.href = path;
  link.textContent = title ?? path;
  item.append(link, title ? ` ${path}` : "");
  return item;
}
