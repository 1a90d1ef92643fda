"use strict";
// Passkeys: a form that asks the browser for one before it is sent. Without this script the form stays hidden.
const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function read(options) {
  const asked = options.publicKey;
  asked.challenge = toBytes(asked.challenge);
  if (asked.user) asked.user.id = toBytes(asked.user.id);
  for (const known of [...(asked.excludeCredentials ?? []), ...(asked.allowCredentials ?? [])]) known.id = toBytes(known.id);
  return options;
}

function plain(given) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (given.response[name]) response[name] = toText(given.response[name]);
  return {
    id: given.id, rawId: toText(given.rawId), type: given.type, response,
    clientExtensionResults: given.getClientExtensionResults(),
  };
}

for (const form of window.PublicKeyCredential ? document.querySelectorAll("form[data-passkey]") : []) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
      const options = read((await answer.json()).options);
      const given = await navigator.credentials[form.dataset.passkey](options);
      form.elements.credential.value = JSON.stringify(plain(given));
      form.submit();
    } catch {
      form.querySelector("[data-failed]").hidden = false;
    }
  });
}
