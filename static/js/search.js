// Search in the browser: finds what the build has indexed, in several bundles taken as one.

const BUNDLES = "/pagefind/bundles.json";
// What people look for is mostly a page of ours, and not what mentions the same.
const WEIGHTS = {
  pages: 4,
  psf: 2,
  community: 1.5,
  releases: 1.5,
  events: 1.5,
  "releases-old": 0.7,
  "events-past": 0.5,
};
const RANKING = { metaWeights: { title: 12, keywords: 60, date: 0, state: 0 } };
// How many are shown at once, and among how many the very page that is named is looked for.
const FEW = 10;
const LOOKED = 30;
// By how much what is in the state comes later; what is called as was asked is two steps earlier.
const LATER = { past: 1, prerelease: 3, cancelled: 3 };
// So many letters from its beginning on, the page of an event says when and where it is, and what kind.
const FACTS = 300;
const WAIT = 150;
const VERSION = /^\d+(\.\d+)+$/;
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#x27": "'" };

let loading;

class NoIndex extends Error {}

// Make a form with its list of results work.
function searchIn(box) {
  const parts = {
    box,
    form: box.querySelector(".search-form"),
    input: box.querySelector("input[type=search]"),
    status: box.querySelector(".search-status"),
    list: box.querySelector(".results"),
    more: box.querySelector(".search-more"),
    keepsAddress: "searchPage" in box.dataset,
    isDone: true,
    isStep: false,
  };
  parts.hint = parts.status.textContent;
  let timer;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => search(parts), WAIT);
    parts.isStep ||= parts.isDone;
    parts.isDone = false;
  };
  const finish = () => (parts.isDone = true);
  parts.form.addEventListener("input", soon);
  parts.form.addEventListener("change", finish);
  parts.form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    finish();
    search(parts);
  });
  // The index is bigger than the page: it comes once somebody begins.
  const begin = () => (parts.keepsAddress ? offerVersions(parts) : load().catch(() => {}));
  parts.form.addEventListener("focusin", begin, { once: true });
  box.addEventListener("keydown", (event) => moveByArrow(event, parts));
  if (parts.keepsAddress) {
    takeFromAddress(parts);
    addEventListener("popstate", () => {
      clearTimeout(timer);
      Object.assign(parts, { isDone: true, isStep: false });
      takeFromAddress(parts);
      search(parts);
    });
  }
  if (parts.input.value) {
    begin();
    search(parts);
  }
}

// The index

function load() {
  loading ??= loadBundles().catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function loadBundles() {
  const answer = await fetch(BUNDLES);
  const { bundles } = answer.ok ? await answer.json() : { bundles: [] };
  if (bundles.length === 0) {
    throw new NoIndex();
  }
  const [first, ...others] = bundles;
  const pagefind = await import(`${first.path}pagefind.js`);
  await pagefind.options({ ...rankedAs(first), excerptLength: 28 });
  await pagefind.init();
  for (const other of others) {
    await pagefind.mergeIndex(other.path, rankedAs(other));
  }
  return pagefind;
}

function rankedAs({ name }) {
  return { baseUrl: "/", indexWeight: WEIGHTS[name] ?? 1, ranking: RANKING };
}

function optionOf(version) {
  return new Option(version, version);
}

async function offerVersions({ form, box }) {
  const label = box.querySelector(".search-version");
  try {
    const { version = {} } = await (await load()).filters();
    const names = Object.keys(version).sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
    const chosen = form.version.value;
    form.version.replaceChildren(form.version.options[0], ...names.map(optionOf));
    form.version.value = chosen;
    label.toggleAttribute("data-waiting", names.length === 0);
  } catch {
    // The search itself will say what is wrong.
  }
}

// Searching

async function search(parts) {
  const wanted = read(parts.form);
  const asked = JSON.stringify(wanted);
  parts.box.dataset.asked = asked;
  keepInAddress(parts, wanted);
  pointElsewhere(wanted.q);
  if (!wanted.q) {
    show(parts, parts.hint, []);
    return;
  }
  try {
    const pagefind = await load();
    const { results } = await pagefind.search(wanted.q, { filters: filtersOf(wanted) });
    if (parts.box.dataset.asked === asked) {
      await showResults(parts, wanted, results);
    }
  } catch (error) {
    show(parts, complaint(error), []);
  }
}

function read(form) {
  return {
    q: form.q.value.trim(),
    kind: form.kind?.value ?? "",
    version: form.version?.value ?? "",
  };
}

function filtersOf({ kind, version }) {
  return { ...(kind && { kind }), ...(version && { version }) };
}

function complaint(error) {
  if (error instanceof NoIndex) {
    return "This copy of the site has no search index. The map at the foot of the page leads everywhere.";
  }
  return "Search could not be loaded. Check your connection, and try again.";
}

// Showing

async function showResults(parts, wanted, results) {
  const asked = parts.box.dataset.asked;
  const first = await Promise.all(results.slice(0, LOOKED).map((result) => result.data()));
  if (parts.box.dataset.asked === asked) {
    const sorted = inOrder(first, wanted.q);
    show(parts, summary(wanted, results.length, first), sorted.slice(0, FEW).map(item));
    const ranked = sorted.map((page) => ({ data: () => page }));
    offerMore(parts, [...ranked, ...results.slice(LOOKED)], FEW);
    keepFocusInSight(parts.list);
    const better = await meant(wanted.q, first);
    if (better && parts.box.dataset.asked === asked) {
      parts.status.append(...proposal(better, results.length));
    }
  }
}

// What comes late would push out of sight the link below it that somebody has gone on to by keyboard.
function keepFocusInSight(list) {
  const { activeElement } = document;
  if (list.compareDocumentPosition(activeElement) & Node.DOCUMENT_POSITION_FOLLOWING) {
    activeElement.scrollIntoView({ block: "nearest" });
  }
}

// What is called as was asked before what only has the words, and that before what has their beginnings.
// Of what ranks the same and has a date, the soonest comes first, and of what is over the latest.
function inOrder(pages, words) {
  const ranked = pages.map((page) => ({ page, rank: rankOf(page, words) }));
  ranked.sort((a, b) => b.rank - a.rank);
  const dated = ranked.filter(({ page }) => page.meta.date);
  dated.sort((a, b) => b.rank - a.rank || soonerFirst(a.page.meta, b.page.meta));
  return ranked.map((one) => (one.page.meta.date ? dated.shift() : one).page);
}

function rankOf(page, words) {
  const called = 2 * isCalled(page, words) - (LATER[page.meta.state] ?? 0);
  return 100 * named(page, words) + 10 * hasAll(page, words) + called;
}

function soonerFirst(a, b) {
  return (Date.parse(a.date) - Date.parse(b.date)) * (a.state ? -1 : 1);
}

// Whether each word is one of the title, the address or the keywords, or of the facts that a page of an event begins with:
// as it is, inflected, or the beginning of a version.
function isCalled({ url, content, filters, meta: { title = "", keywords = "" } }, words) {
  const facts = filters.kind?.includes("event") ? content.slice(0, FACTS) : url.replace(/[/-]/g, " ");
  const own = `${title} ${keywords} ${facts}`.toLowerCase().split(/[^\p{L}\p{N}.]+|\.(?!\d)/u);
  return Number(
    wordsOf(words.toLowerCase()).every((word) => {
      const ending = VERSION.test(word) ? /^\./ : /^(s|e?d|e?rs?|ing)?$/;
      return own.some((one) => one === word || (one.startsWith(word) && ending.test(one.slice(word.length))));
    }),
  );
}

// How exactly a page is called: `jobs` is /jobs/, then /community/jobs/, then what lies deeper; `psf` is a keyword of /psf/;
// `3.14.8` is Python 3.14.8, and not what merely has a 3, a 14 and an 8.
function named({ url, meta: { title = "", keywords = "" } }, words) {
  const asked = bare(words);
  const [place, path] = [`/${asked.replace(/ +/g, "-")}/`, bare(url.replace(/index\.html$/, ""))];
  if (bare(title) === asked) {
    return 3;
  }
  return path === place || keywords.split(",").map(bare).includes(asked) ? 2 : Number(path.endsWith(place)) / path.split("/").length;
}

// Words in small letters, in the singular, without the `python` that nearly everything here is about.
function bare(words) {
  return words.trim().toLowerCase().replace(/^python +| +python$/g, "").replace(/s(?=[ /-]|$)/g, "");
}

function summary({ q, kind, version }, count, first) {
  const unknown = wordsOf(q).filter((word) => isUnknown(word, first));
  if (count > 0) {
    const found = `${count} ${count === 1 ? "result" : "results"}`;
    return unknown.length === 0
      ? `${found} for “${q}”`
      : `No page has “${unknown.join("”, “")}”. ${found} for words that begin like it`;
  }
  const wider = kind || version ? "Show everything, or try" : "Try";
  return `Nothing found for “${q}”. ${wider} fewer or other words, or look in one of the places below.`;
}

// Whether a page has this word, or an inflected form of it.  Pagefind goes on with the beginning of a word
// that it does not know, as of a misspelt one; then what it marks has little more than half of it at most.
// To Pagefind 3.13 and 3.1.3 are the same.
function has({ content, excerpt, meta: { title = "", keywords = "" } }, word) {
  const asked = word.toLowerCase();
  if (VERSION.test(asked)) {
    return new RegExp(`(^|[^\\d.])${asked.replaceAll(".", "\\.")}(?!\\d)`).test(`${title} ${content}`);
  }
  const stem = asked.slice(0, Math.ceil(asked.length * 0.6));
  return (
    `${title} ${content}`.toLowerCase().includes(asked) ||
    bare(keywords).includes(bare(word)) ||
    [...excerpt.matchAll(/<mark>(.*?)<\/mark>/gs)].some(([, mark]) => mark.toLowerCase().includes(stem))
  );
}

function isUnknown(word, pages) {
  return !pages.some((page) => has(page, word));
}

// What was asked, with words that no page has in the order of letters in which the pages found have them,
// or any page where two neighbours have changed places.
async function meant(q, pages) {
  const words = wordsOf(q);
  const unknown = words.filter((word) => isUnknown(word, pages));
  const lettersOf = (word) => [...word.toLowerCase()].sort().join("");
  const known = new Map(
    pages.flatMap(({ content }) => (content.match(/\p{L}+/gu) ?? []).map((word) => [lettersOf(word), word.toLowerCase()])),
  );
  const better = await Promise.all(
    words.map(async (word) => (unknown.includes(word) && (known.get(lettersOf(word)) ?? (await swapped(word)))) || word),
  );
  return better.some((word, at) => word !== words[at]) ? better.join(" ") : "";
}

async function swapped(word) {
  const pagefind = await load();
  for (let at = 1; at < word.length; at += 1) {
    const other = word.slice(0, at - 1) + word[at] + word[at - 1] + word.slice(at + 1);
    const [first] = (await pagefind.search(other)).results;
    if (first && has({ ...(await first.data()), excerpt: "" }, other)) {
      return other;
    }
  }
  return "";
}

function proposal(words, count) {
  const link = document.createElement("a");
  link.href = `/search/?q=${encodeURIComponent(words)}`;
  link.textContent = words;
  return [count > 0 ? ". Did you mean " : " Did you mean ", link, "?"];
}

// What has only the beginning of a word, as “P.” of “pip”, comes after what has all of it.
function hasAll(page, asked) {
  return Number(wordsOf(asked).every((word) => has(page, word)));
}

function wordsOf(asked) {
  return asked.split(/[\s"“”]+/).filter(Boolean);
}

function show({ status, list, more }, text, items) {
  status.textContent = text;
  list.replaceChildren(...items);
  more.hidden = true;
}

function offerMore(parts, results, from) {
  const { list, more } = parts;
  more.hidden = from >= results.length;
  more.firstElementChild.onclick = async () => {
    more.hidden = true;
    const next = await Promise.all(results.slice(from, from + FEW).map((result) => result.data()));
    const items = next.map(item);
    list.append(...items);
    items[0]?.querySelector("a").focus();
    offerMore(parts, results, from + FEW);
  };
}

function item(data) {
  const path = data.url.replace(/index\.html$/, "");
  const [entry, link, place, text] = ["li", "a", "p", "p"].map((name) => document.createElement(name));
  link.href = path;
  link.textContent = data.meta.title ?? path;
  place.className = "result-place";
  place.textContent = path;
  text.append(...excerpt(data.excerpt));
  entry.append(link, place, text);
  return entry;
}

// Pagefind gives HTML in which only marks are tags; they are made anew, and nothing else is.
function excerpt(html) {
  return html.split(/<mark>(.*?)<\/mark>/s).map((part, number) => {
    if (number % 2 === 0) {
      return document.createTextNode(plain(part));
    }
    const mark = document.createElement("mark");
    mark.textContent = plain(part);
    return mark;
  });
}

function plain(html) {
  return html.replace(/&(\w+|#\w+);/g, (whole, name) => ENTITIES[name] ?? whole);
}

// The address, other places and the keyboard

function takeFromAddress(parts) {
  const asked = new URLSearchParams(location.search);
  parts.input.value = asked.get("q") ?? "";
  for (const choice of parts.form.querySelectorAll("[name=kind]")) {
    choice.checked = choice.value === (asked.get("kind") ?? "");
  }
  const version = asked.get("version") ?? "";
  if (![...parts.form.version.options].some(({ value }) => value === version)) {
    parts.form.version.add(optionOf(version));
  }
  parts.form.version.value = version;
}

// What was typed to its end is a step that the back button leads to; each letter is none.
function keepInAddress(parts, wanted) {
  const set = Object.entries(wanted).filter(([, value]) => value);
  const query = set.length > 0 ? `?${new URLSearchParams(set)}` : "";
  if (parts.keepsAddress && query !== location.search) {
    const step = parts.isStep && location.search ? "pushState" : "replaceState";
    history[step](null, "", query || location.pathname);
    parts.isStep = false;
  }
}

function pointElsewhere(words) {
  for (const link of document.querySelectorAll("[data-elsewhere]")) {
    link.href = words ? link.dataset.elsewhere + encodeURIComponent(words) : link.dataset.elsewhere.split("?")[0];
  }
}

function moveByArrow(event, { input, list }) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const stops = [input, ...list.querySelectorAll("a")];
  const here = stops.indexOf(document.activeElement);
  if (step && here >= 0 && stops[here + step]) {
    event.preventDefault();
    stops[here + step].focus();
  }
}

document.querySelectorAll("[data-search]").forEach(searchIn);
