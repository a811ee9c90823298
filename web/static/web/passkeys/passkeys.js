// Asks the browser for a passkey when a form with `data-passkey` is sent (`create`, or `get` to sign in), and sends the
// form with the answer. Without this script, or where a browser has no passkeys, these forms stay hidden.

import { wordsOf } from "../js/ui/errors.js";
import { t } from "../js/ui/texts.js";

const forms = document.querySelectorAll("form[data-passkey]");
if (window.PublicKeyCredential) forms.forEach(start);

function start(form) {
  form.hidden = false;
  const button = form.querySelector("button");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    say(form, "");
    try {
      form.elements.credential.value = JSON.stringify(await ask(form));
      form.submit();
    } catch (error) {
      say(form, sentence(error));
      button.disabled = false;
    }
  });
}

async function ask(form) {
  const response = await fetch(form.dataset.options, { method: "POST", body: new FormData(form) });
  // Signed out meanwhile: the server's answer is the page to sign in.
  if (response.redirected) location.reload();
  const answer = await response.json();
  if (!response.ok) throw new Error(wordsOf(answer.error));
  return form.dataset.passkey === "create" ? create(answer.options) : get(answer.options);
}

async function create(options) {
  const { response, ...made } = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: options.excludeCredentials.map(withBytes),
    },
  }).then(parts);
  return {
    ...made,
    response: {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

async function get(options) {
  const { response, ...used } = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: options.allowCredentials.map(withBytes),
    },
  }).then(parts);
  return {
    ...used,
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      ...(response.userHandle && { userHandle: text(response.userHandle) }),
    },
  };
}

function parts(credential) {
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: credential.response };
}

function withBytes(descriptor) {
  return { ...descriptor, id: bytes(descriptor.id) };
}

/** Return the bytes of base64url. Not every browser has the functions that do this for whole options. */
function bytes(encoded) {
  const binary = atob(encoded.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function text(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function sentence(error) {
  if (!(error instanceof DOMException)) return error.message;
  if (error.name === "InvalidStateError") return t("This device has a passkey of yours already.");
  if (error.name === "SecurityError") return t("Passkeys do not work at this address of the chat.");
  return t("No passkey was given.");
}

function say(form, problem) {
  const place = form.querySelector(".field-problem");
  place.textContent = problem;
  place.hidden = !problem;
}
