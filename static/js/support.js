// /downloads/support/: reads what `python -VV` says and tells what to do about that version.

const VERSION = /\b(\d+)\.(\d+)(?:\.(\d+))?((?:a|b|rc)\d+)?/;
const ADVICE = {
  feature: "It is in development: do not use it for work that matters.",
  prerelease: "It is a pre-release: do not use it for work that matters.",
  bugfix: "It gets bugfixes and security fixes.",
  security: "It gets security fixes only, as source: plan to move to a newer series.",
  "end-of-life": "It gets no fixes any more, not even for security holes: move to a newer series.",
};

for (const form of document.querySelectorAll("form[data-support-check]")) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.querySelector("output").textContent = answer(form.querySelector("textarea").value);
  });
}

function answer(text) {
  const found = VERSION.exec(text);
  if (!found) {
    return "No version stands in this text. Paste what `python -VV` prints.";
  }
  const series = `${found[1]}.${found[2]}`;
  const row = document.querySelector(`[data-series="${series}"]`);
  if (!row) {
    return `There is no Python ${series} on this page.`;
  }
  const { status, latest, until } = row.dataset;
  const parts = [`Python ${series}: ${ADVICE[status]}`];
  if (until) {
    parts.push(status === "end-of-life" ? `Its support ended ${until}.` : `It is supported until ${until}.`);
  }
  if (found[3] && latest && latest !== `${series}.${found[3]}${found[4] ?? ""}`) {
    parts.push(`The newest release of ${series} is ${latest}.`);
  }
  return parts.join(" ");
}
