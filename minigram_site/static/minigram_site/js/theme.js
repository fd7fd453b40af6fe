// Light, dark, or as the device is set: at once, and kept in a cookie that the server reads.

const YEAR = 365 * 24 * 60 * 60;

/** Take over the theme of the button that was pressed in the form of themes. */
export function choose(form, pressed) {
  const theme = pressed?.value ?? "";
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.documentElement.dataset.theme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=${theme ? YEAR : 0}; samesite=lax${secure}`;
  for (const button of form.elements) {
    if (button.name !== "theme") continue;
    if (button.value === theme) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}
