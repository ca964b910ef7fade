// A page that is worked through by keys: each presses the button, or follows the link, that names it.
// Nothing happens while somebody types, or holds another key down.

const TYPED = "input, textarea, select, [contenteditable]";

for (const hint of document.querySelectorAll("[data-keys]")) {
  hint.hidden = false;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.closest(TYPED)) {
    return;
  }
  const key = event.key.toLowerCase();
  if (key === "r") {
    focus(event, document.querySelector("textarea[name=reason]"));
  } else if (/^[a-z]$/.test(key)) {
    document.querySelector(`[data-key="${key}"]`)?.click();
  }
});

function focus(event, field) {
  if (field) {
    event.preventDefault();
    field.focus();
  }
}
