// A letter alone does what its access key does, but for where somebody types, and until somebody
// who does not want that says so: the browser remembers it.

const KEPT = "letters";
const TYPED = "input:not([type=checkbox], [type=radio]), textarea, select";
const choice = document.querySelector("[data-letters]");
const box = choice?.querySelector("input");

if (box) {
  box.checked = kept() !== "off";
  choice.hidden = false;
  box.addEventListener("change", keep);
  document.addEventListener("keydown", press);
}

function press(event) {
  if (event.key === "Escape" && event.target.matches("textarea")) {
    event.target.blur();
  }
  const has = event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.repeat;
  if (has || !box.checked || !/^[a-z]$/.test(event.key) || event.target.closest(TYPED)) {
    return;
  }
  const meant = document.querySelector(`[accesskey="${event.key}"]`);
  if (meant) {
    event.preventDefault();
    meant.focus();
    if (!meant.matches(TYPED)) {
      meant.click();
    }
  }
}

function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function keep() {
  try {
    localStorage.setItem(KEPT, box.checked ? "on" : "off");
  } catch {
    // Where nothing may be kept, it holds for this page.
  }
}
