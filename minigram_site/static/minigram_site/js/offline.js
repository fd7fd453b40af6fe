// The page for a lost connection goes on by itself as soon as the site answers.

const FIRST_MS = 2000;
const MOST_MS = 60000;
let wait = FIRST_MS;
let timer = 0;

addEventListener("online", () => {
  wait = FIRST_MS;
  look();
});
later();

function later() {
  clearTimeout(timer);
  timer = setTimeout(look, wait);
  wait = Math.min(2 * wait, MOST_MS);
}

async function look() {
  try {
    // Nobody's page: it costs the site nothing.
    const answer = await fetch("/offline/", { method: "HEAD", cache: "no-store" });
    if (!answer.ok) later();
    else if (location.pathname === "/offline/") location.assign("/");
    else location.reload();
  } catch {
    later();
  }
}
