// The switch of pushes in the settings. The browser asks the person only when it is pressed; what it
// then gives (an address at its maker's push service, and two keys) goes to the site.

const form = document.querySelector("form[data-push-key]");
if (form) {
  const state = document.querySelector("[data-push-state]");
  const possible = "serviceWorker" in navigator && "PushManager" in window &&
    "Notification" in window;
  const say = (name) => {
    state.textContent = state.dataset[name];
    state.hidden = false;
  };
  if (!possible) {
    say("impossible");
  } else if (Notification.permission === "denied") {
    say("denied");
  } else {
    form.hidden = false;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      if ((await Notification.requestPermission()) !== "granted") {
        say("denied");
      } else if (await turnOn()) {
        location.reload();
      } else {
        say("failed");
      }
    } catch {
      // The browser has no push service, or cannot reach it.
      say("failed");
    }
    button.disabled = false;
  });
}

// Subscribes this browser and tells the site; returns whether it has taken it.
async function turnOn() {
  const worker = await navigator.serviceWorker.ready;
  const key = bytesOf(form.dataset.pushKey);
  const held = await worker.pushManager.getSubscription();
  // One that was made under another key of the site is worth nothing.
  if (held && !equal(new Uint8Array(held.options.applicationServerKey ?? []), key)) {
    await held.unsubscribe();
  }
  const subscription = await worker.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: key,
  });
  const { endpoint, keys } = subscription.toJSON();
  const body = new FormData(form);
  body.set("endpoint", endpoint);
  body.set("p256dh", keys.p256dh);
  body.set("auth", keys.auth);
  const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
  return answer.status === 204;
}

function bytesOf(text) {
  const padded = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
}

function equal(one, other) {
  return one.length === other.length && one.every((byte, place) => byte === other[place]);
}
