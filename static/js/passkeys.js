/* Asks a device for a passkey, and sends what it answers with the form.  Without it, forms with
   `data-passkey` stay hidden, what has `data-no-passkeys` is shown, and a code does the same. */

const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
const withBytes = (known) => known.map((one) => ({ ...one, id: toBytes(one.id) }));

/** What the page holds as text, as the browser wants it. */
function optionsOf(form) {
  const told = JSON.parse(form.dataset.options);
  const options = { ...told, challenge: toBytes(told.challenge) };
  if (told.user) options.user = { ...told.user, id: toBytes(told.user.id) };
  if (told.allowCredentials) options.allowCredentials = withBytes(told.allowCredentials);
  if (told.excludeCredentials) options.excludeCredentials = withBytes(told.excludeCredentials);
  return { publicKey: options };
}

/** What the device answered, as text. */
function answerOf(credential) {
  const { id, rawId, type, response } = credential;
  const told = { clientDataJSON: toText(response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[part]) told[part] = toText(response[part]);
  }
  return JSON.stringify({ id, rawId: toText(rawId), type, response: told });
}

async function ask(form) {
  const button = form.querySelector("button");
  const problem = form.querySelector(".field-error");
  button.disabled = true;
  problem.hidden = true;
  try {
    const credential = await navigator.credentials[form.dataset.passkey](optionsOf(form));
    form.elements.passkey.value = answerOf(credential);
    form.submit();
  } catch {
    problem.hidden = false;
    button.disabled = false;
  }
}

const forms = window.PublicKeyCredential ? document.querySelectorAll("[data-passkey]") : [];
for (const form of forms) {
  for (const without of document.querySelectorAll("[data-no-passkeys]")) without.hidden = true;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form);
  });
}
