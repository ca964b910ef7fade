// /jobs/ and /events/: the form that leads to one list becomes one that narrows by several choices.
// Without this script each choice is a page.

const STEP = 25;
// What types of jobs are called.
let types = new Map();
const form = document.querySelector("form[data-narrow]");
const list = document.querySelector("[data-list]");

const KINDS = {
  jobs: {
    word: ["open job", "open jobs"],
    has: {
      category: (job) => [job.category],
      type: (job) => job.types,
      location: (job) => [job.location],
    },
    flags: [["remote", "Remote", (job) => job.remote], ["pay", "Pay is told", (job) => job.pay !== ""]],
    rows: "rows",
    row: jobRow,
  },
  events: {
    word: ["event", "events"],
    has: {
      calendar: (event) => [event.calendar],
      kind: (event) => [event.kind],
      category: (event) => event.categories,
      country: (event) => [event.country_slug],
      month: (event) => event.months,
    },
    flags: [["online", "Online", (event) => event.online]],
    rows: "event-lines",
    row: eventRow,
  },
};

if (form && list) {
  narrowing(form, form.dataset.kind);
}

function narrowing(form, name) {
  const kind = KINDS[name];
  const status = make("p", { role: "status", className: "chooser-count" });
  const found = make("section", { className: "narrowed", hidden: true });
  let records;
  let latest = 0;

  const fields = fieldsOf(form, kind);
  if (fields.length === 0) {
    form.hidden = true;
    return;
  }
  const clear = make("button", { type: "reset", className: "button", hidden: true }, "Show all");
  form.classList.add("chooser-wide");
  const own = make("a", { hidden: true }, "Follow this choice");
  form.replaceChildren(...fields, make("div", { className: "chooser-foot" }, status, own, clear));
  list.before(found);
  fill(form, new URLSearchParams(location.search));

  form.addEventListener("change", () => show(true));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => {
    setTimeout(() => {
      show(true);
      form.elements[0].focus();
    });
  });
  addEventListener("popstate", () => {
    fill(form, new URLSearchParams(location.search));
    show(false);
  });
  show(false);

  // What the address asks for and no field has: it was mistyped, or is not there any more.
  function lost() {
    const asked = [...new URLSearchParams(location.search)];
    const names = [...Object.keys(kind.has), "show"];
    const values = asked.filter(([name, value]) => value && names.includes(name) && form.elements[name]?.value !== value);
    const boxes = asked.flatMap(([name, value]) => kind.flags.filter(([flag]) => value && flag === name && !form.elements[name]));
    const words = [...values.map(([, value]) => value), ...boxes.map(([, label]) => label)];
    return words.map((word) => `There is no choice “${word}” here. `).join("");
  }

  async function show(isChosen) {
    const wanted = chosen(form);
    const run = ++latest;
    const note = isChosen ? "" : lost();
    if (isChosen) {
      const query = `${wanted}`;
      history.replaceState(null, "", location.pathname + (query && `?${query}`));
    }
    clear.hidden = wanted.size === 0;
    leadTo(own, wanted, kind);
    if (wanted.size === 0) {
      [list.hidden, found.hidden, status.textContent] = [false, true, `${note}Choose, and the list narrows.`];
      return;
    }
    try {
      records ??= (await load(form.dataset.narrow))[name];
    } catch {
      status.textContent = "The list could not be loaded. Try it again, or use the lists below.";
      return;
    }
    if (run === latest) {
      const fits = records.filter((record) => isWanted(record, wanted, kind));
      status.textContent = note + said(fits.length, records.length, kind.word);
      lay(found, fits, (record) => kind.row(record, wanted.get("month")), kind.rows);
      [list.hidden, found.hidden] = [true, false];
    }
  }
}

// One choice has a page of its own, with feeds and a calendar; several have none.
function leadTo(link, wanted, kind) {
  const [[name, value]] = [...wanted, []];
  link.hidden = wanted.size !== 1 || !(name in kind.has);
  link.href = `${form.getAttribute("action")}?show=${name}.${value}`;
}

async function load(address) {
  const answer = await fetch(address);
  if (!answer.ok) {
    throw new Error(answer.status);
  }
  return answer.json();
}

// The form

function fieldsOf(form, kind) {
  const groups = [...form.querySelectorAll("optgroup")].map((group) => {
    const options = [...group.children].map(({ value, textContent }) => [value.slice(value.indexOf(".") + 1), textContent.replace(/ \(\d+\)$/, "")]);
    return [group.children[0].value.split(".")[0], group.label, options];
  });
  types = new Map(groups.find(([name]) => name === "type")?.[2]);
  const selects = groups.filter(([name, , options]) => name in kind.has && isChoice(name, options)).map(selectOf);
  const dividing = kind.flags.filter(([name]) => form.dataset.flags.split(" ").includes(name));
  const flags = dividing.map(([name, label]) => {
    const box = make("input", { type: "checkbox", name, id: `n-${name}`, value: "yes" });
    return make("span", { className: "chooser-flag" }, box, make("label", { htmlFor: box.id }, label));
  });
  return flags.length ? [...selects, make("div", { className: "chooser-flags", role: "group", ariaLabel: "Only" }, ...flags)] : selects;
}

// Of one there is nothing to choose, unless the address asks for it.
function isChoice(name, options) {
  const asked = new URLSearchParams(location.search).get(name);
  return options.length > 1 || options.some(([value]) => value === asked);
}

function selectOf([name, label, options]) {
  const plain = options.filter(([value]) => value !== "telecommute").map(([value, text]) => make("option", { value }, text));
  const select = make("select", { name, id: `n-${name}` }, make("option", { value: "" }, "Any"), ...plain);
  return make("div", {}, make("label", { htmlFor: select.id }, label), select);
}

function fill(form, query) {
  for (const field of form.elements) {
    const value = query.get(field.name) ?? "";
    if (field.type === "checkbox") {
      field.checked = value !== "";
    } else if (field.options) {
      field.value = value;
      // What was asked for and does not exist any more is no choice.
      field.selectedIndex = Math.max(field.selectedIndex, 0);
    }
  }
}

function chosen(form) {
  return new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
}

// The list

function isWanted(record, wanted, kind) {
  const flags = new Map(kind.flags.map(([name, , test]) => [name, test]));
  return [...wanted].every(([name, value]) => (flags.has(name) ? flags.get(name)(record) : kind.has[name](record).includes(value)));
}

function said(fits, all, [one, many]) {
  if (fits === 0) {
    return `None of ${all} ${many} fits. Choose “Any” somewhere.`;
  }
  return `${fits} of ${all} ${all === 1 ? one : many} ${fits === 1 ? "fits" : "fit"}.`;
}

function lay(found, fits, rowOf, className) {
  const rows = make("ul", { className });
  const more = make("button", { type: "button", className: "button" });
  const add = () => {
    const next = fits.slice(rows.children.length, rows.children.length + STEP);
    rows.append(...next.map(rowOf));
    const left = fits.length - rows.children.length;
    more.textContent = `Show ${Math.min(left, STEP)} more`;
    more.hidden = left === 0;
    document.dispatchEvent(new Event("listchange"));
  };
  more.addEventListener("click", () => {
    const first = rows.children.length;
    add();
    rows.children[first].querySelector("a").focus();
  });
  found.replaceChildren(make("h2", { className: "visually-hidden" }, "What fits"), rows, more);
  add();
}

function jobRow(job) {
  const facts = [job.pay, ...job.types.map(wordOf)].filter(Boolean);
  const posted = make("li", {}, "Posted ", make("time", { dateTime: job.date }, dayOf(job.date)));
  const flags = [job.featured && badge("latest", "Featured"), job.sample && badge("prerelease", "Invented")];
  return make("li", { className: "row" },
    make("h3", { className: "row-title" }, make("a", { href: job.url }, job.title), ...flags.filter(Boolean)),
    make("p", {}, job.company),
    make("ul", { className: "facts" }, make("li", {}, ...placeOf(job)), ...facts.map((fact) => make("li", {}, fact)), posted));
}

function eventRow(event, month) {
  const when = make("time", { dateTime: event.start }, event.when);
  if (event.clock) {
    Object.assign(when.dataset, { begins: event.start }, event.end && { ends: event.end });
  }
  const flags = [event.cancelled && badge("end-of-life", "Cancelled"), event.sample && badge("prerelease", "Invented")];
  const kind = event.kind[0].toUpperCase() + event.kind.slice(1);
  const further = event.further_dates;
  // Shown is the next date; the month that was chosen may have another.
  const also = month && !event.start.startsWith(month) ? `, also in ${monthOf(month)}` : "";
  return make("li", { className: event.featured ? "event-line event-featured" : "event-line" },
    make("h3", {}, make("a", { href: event.url }, event.title), ...flags.filter(Boolean)),
    make("p", { className: "event-when" }, when, event.clock ? " " : "", event.clock ? make("span", { className: "event-clock" }, event.clock) : ""),
    make("p", { className: "event-facts" }, kind, event.place && ", ", ...placeOf(event), further ? `; ${further} more ${further === 1 ? "date" : "dates"}${also}` : ""));
}

// As macros/places.html does: each part of a place is read in its own direction.
function placeOf({ place, place_parts: parts }) {
  const names = parts.flatMap((part, at) => [at ? ", " : "", /^[\x20-\x7e]*$/.test(part) ? part : make("bdi", {}, part)]);
  return [...names, place.slice(parts.join(", ").length)];
}

function wordOf(type) {
  return types.get(type) ?? type;
}

function badge(status, word) {
  return make("span", { className: `badge badge-${status}` }, word);
}

function dayOf(written) {
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  return day.format(new Date(written));
}

function monthOf(written) {
  const month = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
  return month.format(new Date(written));
}

function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}
