// Presses that the site had not answered when their page was left. Each says what is wanted, not what
// to change: to send it once more does no harm, and tells the next page what it shows too early.
const NAME = "unanswered";
const OLDEST_MS = 30_000;
// A page that is being left hears of a failure that is none, and is gone soon.
const LEAVING_MS = 2_000;
const viewer = document.body.dataset.viewer;

function held() {
  const kept = JSON.parse(sessionStorage.getItem(NAME) || "{}");
  return kept.viewer === viewer ? kept.presses : {};
}

function hold(presses) {
  if (Object.keys(presses).length) {
    sessionStorage.setItem(NAME, JSON.stringify({ viewer, presses }));
  } else sessionStorage.removeItem(NAME);
}

// Keep that `key` (data-live) has been sent to `address`, until forget() is told of an answer.
export function remember(key, address) {
  hold({ ...held(), [key]: { key, address, at: Date.now() } });
}

export function forget(key) {
  const { [key]: _, ...rest } = held();
  hold(rest);
}

// As forget(), for a press that got no answer: unless the page is being left.
export function forgetUnlessLeft(key) {
  const at = held()[key]?.at;
  setTimeout(() => {
    if (held()[key]?.at === at) forget(key);
  }, LEAVING_MS);
}

// Return the presses ({ key, address }) that still wait, and forget those of long ago.
export function waiting() {
  const fresh = Object.values(held()).filter(({ at }) => Date.now() - at < OLDEST_MS);
  hold(Object.fromEntries(fresh.map((press) => [press.key, press])));
  return fresh;
}
