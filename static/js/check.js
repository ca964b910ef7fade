// "Check my download": compares the SHA-256 of a file with those on the page.
// The file is read in the browser and never sent anywhere.

const BIGGEST = 1024 * 1024 * 1024;

for (const form of document.querySelectorAll("form[data-check-download]")) {
  prepare(form);
}

function prepare(form) {
  const input = form.querySelector("input[type=file]");
  const output = form.querySelector("output");
  const digests = JSON.parse(document.getElementById(form.dataset.checkDownload).textContent);
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    show(output, event.dataTransfer.files[0], digests);
  });
  input.addEventListener("change", () => show(output, input.files[0], digests));
}

async function show(output, file, digests) {
  if (!file) {
    return;
  }
  say(output, "busy", `Reading ${file.name} …`);
  try {
    const [state, text] = verdict(file.name, await sha256(file), digests);
    say(output, state, text);
  } catch (error) {
    say(output, "unknown", `${error.message} Use one of the commands instead.`);
  }
}

function say(output, state, text) {
  output.dataset.state = state;
  output.textContent = text;
}

async function sha256(file) {
  if (!globalThis.crypto?.subtle) {
    throw new Error("This browser computes no SHA-256 here.");
  }
  if (file.size > BIGGEST) {
    throw new Error("This file is too big to be read in the browser.");
  }
  const bytes = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function verdict(name, digest, digests) {
  const match = Object.keys(digests).find((known) => digests[known] === digest);
  if (match) {
    return ["match", `Match: this is ${match}, byte for byte as recorded on this page.`];
  }
  if (digests[name]) {
    const advice = "Do not run it; delete it and download it again.";
    return ["mismatch", `No match: this is not ${name} as recorded here. ${advice} It has ${digest}.`];
  }
  if (name in digests) {
    return ["unknown", `No SHA-256 of ${name} is recorded, so it cannot be checked. It has ${digest}.`];
  }
  return ["unknown", `No file of this release is recorded with this SHA-256: ${digest}.`];
}
