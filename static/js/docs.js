// /doc/versions/: searches docs.python.org in the chosen version.
// The policy of this site lets no form lead elsewhere, but a script may.

for (const form of document.querySelectorAll("form[data-docs-search]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { version, q } = form.elements;
    location.assign(`${form.dataset.docsSearch}/${version.value}/search.html?q=${encodeURIComponent(q.value)}`);
  });
}
