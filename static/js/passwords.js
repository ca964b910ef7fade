// A new password: says while one types which of the rules shown it does not keep yet.
// They are those of sidecar/passwords.py, which decides; nothing is sent before the form is.

const PAUSE = 500;
const LOOKALIKES = { "@": "a", 4: "a", 3: "e", 1: "i", 0: "o", $: "s", 5: "s", "!": "i", 7: "t" };

const rules = document.querySelector("[data-known]");
const form = rules.closest("form");
const field = form.querySelector('[autocomplete="new-password"]');
const said = Object.assign(document.createElement("p"), { role: "status", className: "field-hint" });
let waiting = 0;

rules.append(said);
form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(say, PAUSE);
});

function say() {
  const words = [...rules.querySelectorAll("li")].map((rule) => rule.textContent);
  const left = words.filter((_, number) => !kept(field.value, own(), rules.dataset)[number]);
  const told = left.length ? `Not yet: ${left.join("; ")}.` : "It keeps every rule.";
  said.textContent = field.value ? told : "";
}

function own() {
  const names = form.querySelectorAll('[autocomplete="username"], [autocomplete="email"]');
  return [...names].map((name) => name.value);
}

// Of each rule, in their order, whether a password keeps it.
export function kept(password, own, { shortest, longest, signs, known }) {
  const all = [...password];
  return [
    all.length >= Number(shortest),
    all.length <= Number(longest),
    new Set(all).size >= Number(signs),
    !/^[\p{Nd}\s().+/-]*$/u.test(password),
    !isKnown(folded(password), known.split(" ")),
    !own.some((word) => isAround(folded(password), folded(word))),
  ];
}

function isKnown(password, known) {
  const end = password.search(/\P{L}*$/u);
  const core = password.slice(0, end).replace(/^\P{L}+/u, "");
  return [core, plain(core), plain(password.slice(0, end))].some((one) => known.includes(one));
}

function isAround(password, word) {
  const long = [...password].length;
  return [word, word.split("@")[0]].some((part) => {
    const size = [...part].length;
    return size >= 4 && password.includes(part) && long - size < 8;
  });
}

function plain(text) {
  return text.replace(/[@4310$5!7]/g, (sign) => LOOKALIKES[sign]);
}

function folded(text) {
  return text.toUpperCase().toLowerCase();
}
