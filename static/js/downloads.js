// What fits the visitor's system: first on /downloads/, the big button of the home page, the primary
// one of a release.  Without this script all systems are equal.

const HINTS = [
  ["android", /Android/],
  ["ios", /iPhone|iPad|iPod/],
  ["windows", /Windows|Win32|Win64/],
  ["macos", /Macintosh|Mac OS X|macOS/],
  ["source", /Linux|X11|CrOS|BSD/],
];

const choices = document.querySelector("[data-download-choices]");
if (choices) {
  prefer(choices);
}
const hero = document.querySelector("[data-hero-download]");
if (hero) {
  fit(hero);
}
const ofRelease = document.querySelector(`[data-download-buttons] [data-os="${system()}"]`);
if (ofRelease) {
  offer(ofRelease);
}

// The source is not what most want; and an installer for another processor is none for this one.
async function fit(button) {
  const os = system();
  const link = os !== "source" && button.parentElement.querySelector(`[data-os="${os}"]`);
  if (!link || (link.href.endsWith(".exe") && (await architecture()) === "arm")) {
    return;
  }
  button.href = link.href;
  button.querySelector("small").textContent = `for ${link.textContent}`;
  button.title = link.title;
}

// Of a release the button for the system; where it is an installer, that for the processor.
async function offer(item) {
  const button = item.querySelector(".button");
  if (button.href.endsWith(".exe") && (await architecture()) === "arm") {
    const other = item.querySelector("[data-arm]");
    if (!other) {
      return;
    }
    const [words, link] = other.children;
    exchange(button, link, "href");
    exchange(item.querySelector("[data-about]"), link, "textContent");
    words.textContent = "For an Intel or AMD processor:";
  }
  button.classList.add("button-primary");
}

async function prefer(list) {
  const os = system();
  const choice = os && list.querySelector(`[data-os="${os}"]`);
  if (!choice) {
    return;
  }
  choice.dataset.visitor = "";
  list.prepend(choice);
  const note = choice.querySelector("[data-visitor-note]");
  if (note) {
    note.textContent = await sentence(os, choice);
    note.hidden = false;
  }
}

function system() {
  const platform = navigator.userAgentData?.platform ?? "";
  const text = `${platform} ${navigator.userAgent}`;
  // An iPad says that it is a Mac, but no Mac is touched with several fingers.
  if (/Macintosh/.test(text) && navigator.maxTouchPoints > 1) {
    return "ios";
  }
  return HINTS.find(([, pattern]) => pattern.test(text))?.[0];
}

async function sentence(os, choice) {
  if (os !== "windows") {
    return "This seems to be your system.";
  }
  const processor = await architecture();
  if (processor === "arm") {
    const fits = offerInstaller(choice, "arm64");
    return `This seems to be your system, with an ARM processor${fits ? ": the button of the installer is for it." : "."}`;
  }
  if (processor === "x86") {
    return "This seems to be your system, with an Intel or AMD processor: 64-bit is right.";
  }
  return "This seems to be your system. Your browser hides the processor: with an ARM one, take ARM64.";
}

// The installer for this processor gets the button, and takes its place in the list from it.
function offerInstaller(choice, processor) {
  const button = choice.querySelector("[data-installer]");
  const link = choice.querySelector(`[data-processor="${processor}"]`);
  if (!button || !link) {
    return false;
  }
  const [label, facts] = choice.querySelector("[data-installer-about]").children;
  exchange(button, link, "href");
  exchange(label, link, "textContent");
  exchange(facts, link.nextElementSibling, "textContent");
  return true;
}

function exchange(one, other, what) {
  [one[what], other[what]] = [other[what], one[what]];
}

async function architecture() {
  try {
    const values = await navigator.userAgentData.getHighEntropyValues(["architecture"]);
    return values.architecture;
  } catch {
    return "";
  }
}
