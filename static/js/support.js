// /downloads/support/: reads what `python -VV` says and tells what to do about that version.

// What stands behind "Python" counts first: a path or a compiler has numbers too.
const VERSIONS = [/Python (\d+)\.(\d+)(?:\.(\d+))?((?:a|b|rc)\d+)?/i, /\b(\d+)\.(\d+)(?:\.(\d+))?((?:a|b|rc)\d+)?/];
const ADVICE = {
  feature: "It is in development: do not use it for work that matters.",
  prerelease: "It is a pre-release: do not use it for work that matters.",
  bugfix: "It gets bugfixes and security fixes.",
  security: "It gets security fixes only, as source: plan to move to a newer series.",
  "end-of-life": "It gets no fixes any more, not even for security holes: move to a newer series.",
};

for (const form of document.querySelectorAll("form[data-support-check]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.querySelector("output").replaceChildren(...answer(form.querySelector("textarea").value));
  });
}
showToday(document.querySelector(".timeline-scroll"));

// On a phone the timeline scrolls: it begins at today, and the names of the versions go along.
function showToday(timeline) {
  const now = timeline?.querySelector(".timeline-now");
  if (now) {
    const { left } = timeline.getBoundingClientRect();
    timeline.addEventListener("scroll", () => keepNames(timeline), { passive: true });
    timeline.scrollLeft = now.getBoundingClientRect().left - left - timeline.clientWidth / 2;
  }
}

function keepNames(timeline) {
  const { viewBox, clientWidth } = timeline.querySelector("svg");
  const x = (timeline.scrollLeft * viewBox.baseVal.width) / clientWidth;
  timeline.querySelector(".timeline-names").setAttribute("transform", `translate(${x})`);
}

function answer(text) {
  const found = VERSIONS.map((pattern) => pattern.exec(text)).find(Boolean);
  if (!found) {
    return ["No version stands in this text. Paste what `python -VV` prints."];
  }
  const [, major, minor, patch, stage = ""] = found;
  const series = `${major}.${minor}`;
  const row = document.querySelector(`[data-series="${series}"]`);
  if (!row) {
    return [`Python ${series} is not known here: look at the number again, or for your version in the table below.`];
  }
  const version = patch ? `${series}.${patch}${stage}` : series;
  return [...about(series, row.dataset), ...newer(version, row)];
}

function about(series, { status, until }) {
  const end = status === "end-of-life" ? "Its support ended on" : "It is supported until";
  return [`Python ${series}: ${ADVICE[status]}`, until ? ` ${end} ${until}.` : ""];
}

// What to install: the newest of the series, or of all when nothing in this one is fixed any more.
function newer(version, { dataset: { series, status, latest } }) {
  if (status === "end-of-life") {
    return [" The newest Python is on ", linkTo("/downloads/", "the downloads page"), "."];
  }
  if (!latest || version === latest || version === series) {
    return [];
  }
  const what = /[a-z]/.test(version) ? `${version} is a pre-release: the` : "The";
  const { href } = document.querySelector(`[data-series="${series}"] a[href*="/release/"]`);
  return [` ${what} newest release of ${series} is `, linkTo(href, `Python ${latest}`), "."];
}

function linkTo(href, text) {
  return Object.assign(document.createElement("a"), { href, textContent: text });
}
