// Passkeys: the browser signs what the server asks, and a form brings it back. Nothing else needs this file.
(function () {
  "use strict";
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  function bytes(text) {
    var clear = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(clear, function (sign) { return sign.charCodeAt(0); });
  }

  function text(buffer) {
    var clear = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(clear).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function known(list) {
    return (list || []).map(function (one) { return Object.assign({}, one, { id: bytes(one.id) }); });
  }

  function wished(form, options) {
    var asked = Object.assign({}, options.publicKey);
    asked.challenge = bytes(asked.challenge);
    if (form.dataset.passkey === "create") {
      asked.user = Object.assign({}, asked.user, { id: bytes(asked.user.id) });
      asked.excludeCredentials = known(asked.excludeCredentials);
      return navigator.credentials.create({ publicKey: asked });
    }
    asked.allowCredentials = known(asked.allowCredentials);
    return navigator.credentials.get({ publicKey: asked });
  }

  function written(credential) {
    var answer = credential.response, response = { clientDataJSON: text(answer.clientDataJSON) };
    if (answer.attestationObject) {
      response.attestationObject = text(answer.attestationObject);
      response.transports = answer.getTransports ? answer.getTransports() : [];
    } else {
      response.authenticatorData = text(answer.authenticatorData);
      response.signature = text(answer.signature);
      response.userHandle = answer.userHandle ? text(answer.userHandle) : null;
    }
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment || null,
      clientExtensionResults: credential.getClientExtensionResults(),
      response: response
    });
  }

  function optionsOf(form) {
    if (form.dataset.options) return Promise.resolve(JSON.parse(form.dataset.options));
    return fetch(form.action, { credentials: "same-origin", headers: { Accept: "application/json" } }).then(function (answer) {
      if (!answer.ok) throw new Error(answer.status);
      return answer.json();
    });
  }

  document.querySelectorAll("form[data-passkey]").forEach(function (form) {
    var said = form.querySelector("[data-passkey-said]"), isAsking = false;
    form.hidden = false;
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      if (isAsking) return;
      isAsking = true;
      said.textContent = "Suivez ce que demande votre appareil.";
      optionsOf(form).then(function (options) { return wished(form, options); }).then(function (credential) {
        form.elements.credential.value = written(credential);
        said.textContent = "";
        form.submit();
      }).catch(function (refusal) {
        said.textContent = refusal.name === "InvalidStateError"
          ? "Cet appareil a déjà une clé d’accès pour ce compte."
          : "Rien n’a été fait : votre appareil n’a pas donné de clé d’accès. Vous pouvez recommencer.";
      }).finally(function () { isAsking = false; });
    });
  });
  document.querySelectorAll("[data-without-passkeys]").forEach(function (words) { words.hidden = true; });
})();
