// The form of an event: shows the next dates of a series while one says how it repeats, and asks
// nothing of a series where there is none.  The server works the dates out, by the rule of the page.

const NAMES = ["day", "time", "last_day", "end_time", "zone", "repeats", "until", "count", "left_out"];
const OF_SERIES = ["until", "count", "left_out"];
const PAUSE = 300;

const shown = document.querySelector("[data-dates]");
const form = shown.closest("form");
let waiting = 0;
let asked = 0;

form.addEventListener("input", later);
form.addEventListener("change", later);
form.addEventListener("change", askLess);
// A browser may give back what was typed before only once the page is shown.
addEventListener("pageshow", askLess);
askLess();

// What is filled in stays in sight: it counts, and may be what is wrong.
function askLess() {
  const isOnce = form.elements.repeats.value === "once";
  for (const name of OF_SERIES) {
    const field = form.elements[name];
    field.closest(".field").hidden = isOnce && !field.value.trim();
  }
}

function later(event) {
  if (NAMES.includes(event.target.name)) {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  }
}

async function ask() {
  const mine = ++asked;
  const said = new FormData(form);
  const query = new URLSearchParams(NAMES.map((name) => [name, said.get(name) ?? ""]));
  try {
    const answer = await fetch(`${shown.dataset.dates}?${query}`);
    const dates = answer.ok ? (await answer.json()).dates : [];
    if (mine === asked) {
      show(dates);
    }
  } catch {
    // Without an answer the preview still shows them.
  }
}

function show(dates) {
  shown.replaceChildren();
  if (dates.length) {
    const words = document.createElement("p");
    words.textContent = "The next dates:";
    const list = document.createElement("ol");
    list.className = "plain-list";
    for (const date of dates) {
      list.append(Object.assign(document.createElement("li"), { textContent: date }));
    }
    shown.append(words, list);
  }
}
