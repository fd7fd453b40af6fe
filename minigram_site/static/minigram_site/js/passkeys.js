// Passkeys: the site asks (JSON), the browser lets the person answer, and the form sends the answer.

const forms = globalThis.PublicKeyCredential ? document.querySelectorAll("form[data-passkey]") : [];

for (const form of forms) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}

async function send(form) {
  const button = form.querySelector("button");
  button.disabled = true;
  say(form, "");
  try {
    const question = await ask(form);
    if (question) {
      form.elements.state.value = question.state;
      form.elements.answer.value = JSON.stringify(await answer(form.dataset.passkey, question));
      // Not requestSubmit(): that would ask again.
      form.submit();
      return;
    }
  } catch (error) {
    const state = form.querySelector("[data-passkey-state]");
    const kind = error instanceof DOMException ? "cancelled" : "failed";
    say(form, state.dataset[error.name === "InvalidStateError" ? "held" : kind]);
  }
  button.disabled = false;
}

// Returns the question, or nothing if the site has said why there is none.
async function ask(form) {
  const response = await fetch(form.dataset.question, {
    method: "POST",
    body: new FormData(form),
    credentials: "same-origin",
  });
  if (response.status === 429) {
    say(form, form.querySelector("[data-passkey-state]").dataset.failed);
    return null;
  }
  const body = await response.json();
  if (response.ok) return body;
  say(form, body.sentence);
  return null;
}

async function answer(kind, { options }) {
  const publicKey = {
    ...options,
    challenge: bytesOf(options.challenge),
    ...options.user && { user: { ...options.user, id: bytesOf(options.user.id) } },
  };
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    if (options[list]) {
      publicKey[list] = options[list].map((each) => ({ ...each, id: bytesOf(each.id) }));
    }
  }
  const given = await navigator.credentials[kind]({ publicKey });
  const { response } = given;
  const parts = { clientDataJSON: textOf(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) parts[name] = textOf(response[name]);
  }
  return { id: given.id, rawId: textOf(given.rawId), type: given.type, response: parts };
}

function say(form, sentence) {
  const state = form.querySelector("[data-passkey-state]");
  state.textContent = sentence;
  state.hidden = !sentence;
}

function bytesOf(text) {
  const padded = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
}

function textOf(buffer) {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte));
  return btoa(letters.join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
