// Pages say times in UTC: show them as the reader's clock does, also in what htmx brings.
const MINUTE = { day: "numeric", year: "numeric", hour: "2-digit", minute: "2-digit" };
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
showLocalTimes(document);
document.addEventListener("htmx:load", (event) => showLocalTimes(event.detail.elt));

function showLocalTimes(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const moment = new Date(time.dateTime);
    const how = time.dataset.local;
    if (how !== "day") {
      replaceText(time, moment.toLocaleString("en-GB", { ...MINUTE, month: how }));
    } else if (Date.now() - moment >= WEEK_MS) {
      const year = moment.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
      const text = moment.toLocaleDateString("en-GB", { day: "numeric", month: "short", year });
      replaceText(time, text);
    }
  }
}

// The element keeps its width, so that nothing beside it moves.
function replaceText(element, text) {
  element.style.minWidth = `${element.getBoundingClientRect().width}px`;
  element.textContent = text;
}
