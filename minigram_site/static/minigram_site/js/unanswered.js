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

// Keep that `key` (data-live) has been sent to `address`, until answered() is told.
export function remember(key, address) {
  hold({ ...held(), [key]: { key, address, at: Date.now() } });
}

// Keep that the site has answered. The next page may have been rendered before, and asked for already.
export function answered(key) {
  const press = held()[key];
  if (press) hold({ ...held(), [key]: { ...press, answeredAt: Date.now() } });
}

function forget(key) {
  const { [key]: _, ...rest } = held();
  hold(rest);
}

// Forget a press that got no answer: unless the page is being left.
export function forgetUnlessLeft(key) {
  const at = held()[key]?.at;
  setTimeout(() => {
    if (held()[key]?.at === at) forget(key);
  }, LEAVING_MS);
}

// Return the presses ({ key, address }) that were not answered when this page was asked for, and forget
// the others and those of long ago.
export function waiting() {
  const fresh = Object.values(held()).filter(({ at, answeredAt = Infinity }) =>
    Date.now() - at < OLDEST_MS && answeredAt > performance.timeOrigin
  );
  hold(Object.fromEntries(fresh.map((press) => [press.key, press])));
  return fresh;
}
