// Light, dark, or as the device is set: at once, and kept in a cookie that the server reads.

const YEAR = 365 * 24 * 60 * 60;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form.theme")) return;
  event.preventDefault();
  const theme = event.submitter?.value ?? "";
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.documentElement.dataset.theme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=${theme ? YEAR : 0}; samesite=lax${secure}`;
  for (const button of form.elements) {
    if (button.name === "theme") button.setAttribute("aria-pressed", button.value === theme);
  }
});
