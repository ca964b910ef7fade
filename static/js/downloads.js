// /downloads/: puts the visitor's system first.  Without this script every system is shown.

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
    note.textContent = await sentence(os);
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

async function sentence(os) {
  if (os !== "windows") {
    return "This seems to be your system.";
  }
  const processor = await architecture();
  if (processor === "arm") {
    return "This seems to be your system, with an ARM processor: of the installers, take ARM64.";
  }
  if (processor === "x86") {
    return "This seems to be your system, with an Intel or AMD processor: 64-bit is right.";
  }
  return "This seems to be your system. Your browser hides the processor: with an ARM one, take ARM64.";
}

async function architecture() {
  try {
    const values = await navigator.userAgentData.getHighEntropyValues(["architecture"]);
    return values.architecture;
  } catch {
    return "";
  }
}
