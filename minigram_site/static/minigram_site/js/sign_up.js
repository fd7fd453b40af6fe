// Sign-up that helps: rules tick while one types, and a name is looked up before the form is sent.
import "./show_password.js";

const form = document.getElementById("sign-up");
const { username, email, password, invitation } = form.elements;
const rules = document.getElementById("password-rules");
const state = document.getElementById("name-state");
const freeNames = document.getElementById("free-names");
const ASK_AFTER_MS = 350;
// As Django's validator: more alike than that is too much.
const TOO_ALIKE = 0.7;

// ---------------------------------------------------------------- rules of the password
// Twice the letters that two texts have in common, as a share of all their letters.
function likeness(one, other) {
  const left = [...other];
  let common = 0;
  for (const letter of one) {
    const place = left.indexOf(letter);
    if (place >= 0) {
      left.splice(place, 1);
      common += 1;
    }
  }
  return (2 * common) / (one.length + other.length);
}

function isLike(text) {
  const typed = password.value.toLowerCase();
  const whole = text.trim().toLowerCase();
  const parts = [...whole.split(/[^\p{L}\p{N}_]+/u), whole];
  // Much longer ones are never alike.
  return parts.some((part) =>
    part && typed.length < 10 * part.length && likeness([...typed], [...part]) >= TOO_ALIKE
  );
}

const TESTS = {
  length: () => [...password.value].length >= Number(rules.dataset.shortest),
  digits: () => !/^\p{Nd}+$/u.test(password.value),
  likeness: () => !isLike(username.value) && !isLike(email.value),
};

function tick() {
  for (const rule of rules.querySelectorAll("[data-rule]")) {
    const isKept = password.value !== "" && TESTS[rule.dataset.rule]?.() === true;
    rule.classList.toggle("kept", isKept);
    const said = rule.querySelector("span");
    if (said) said.hidden = !isKept;
  }
}
for (const field of [username, email, password]) field.addEventListener("input", tick);
tick();

// ---------------------------------------------------------------- is the name free?
let waiting = 0;
let asked = null;

username.addEventListener("input", () => {
  clearTimeout(waiting);
  asked?.abort();
  say("", null);
  offer([]);
  if (username.value.trim().length > 1) waiting = setTimeout(ask, ASK_AFTER_MS);
});
for (const name of freeNames.querySelectorAll(".free-name")) {
  name.replaceWith(chip(name.textContent));
}

// No answer (offline, too many questions) is no fault: sign-up itself decides.
async function ask() {
  asked = new AbortController();
  const body = new FormData();
  body.set("username", username.value);
  body.set("invitation", invitation?.value ?? "");
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  try {
    const answer = await fetch(form.dataset.check, { method: "POST", body, signal: asked.signal });
    if (!answer.ok || answer.redirected) return;
    const { is_free: isFree, sentence, suggestions } = await answer.json();
    say(sentence, isFree);
    offer(suggestions);
  } catch {
    // Aborted by the next letter, or no network.
  }
}

function say(sentence, isFree) {
  state.textContent = sentence;
  state.classList.toggle("kept", isFree === true);
  state.classList.toggle("refused", isFree === false);
  // What the server said of the name before is not true of this one.
  const field = username.closest(".field");
  field.classList.toggle("wrong", isFree === false);
  field.querySelector(".errors")?.remove();
  if (isFree === false) username.setAttribute("aria-invalid", "true");
  else username.removeAttribute("aria-invalid");
}

function offer(names) {
  freeNames.hidden = names.length === 0;
  freeNames.querySelectorAll(".free-name").forEach((old) => old.remove());
  freeNames.append(...names.map(chip));
}

function chip(name) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "free-name", textContent: name });
  button.addEventListener("click", () => {
    username.value = name;
    username.dispatchEvent(new Event("input", { bubbles: true }));
    username.focus();
  });
  return button;
}
