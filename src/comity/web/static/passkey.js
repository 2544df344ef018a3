// SPDX-License-Identifier: Apache-2.0
// Asks the browser for a passkey, and sends what it says with the form.
"use strict";
for (const form of document.querySelectorAll("form[data-passkey]")) {
  const bytes = (text) => Uint8Array.from(
    atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const told = JSON.parse(form.dataset.options);
  told.challenge = bytes(told.challenge);
  for (const each of [...(told.allowCredentials || []), ...(told.excludeCredentials || [])]) {
    each.id = bytes(each.id);
  }
  if (told.user) told.user.id = bytes(told.user.id);
  const verb = form.dataset.passkey === "make" ? "create" : "get";
  const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  form.addEventListener("submit", async (event) => {
    if (form.elements.said.value) return;
    event.preventDefault();
    let said = "";
    try {
      const made = await navigator.credentials[verb]({ publicKey: told });
      const response = {};
      for (const name of names) if (made.response[name]) response[name] = text(made.response[name]);
      said = JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response });
    } catch (error) {
      said = "none";
    }
    form.elements.said.value = said;
    form.submit();
  });
}
