// A button that shows what was typed into a field for a password. Without this script it stays hidden.
for (const button of document.querySelectorAll("[data-shows]")) {
  const field = document.getElementById(button.dataset.shows);
  button.hidden = false;
  const show = (shown) => {
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  button.addEventListener("click", () => show(field.type === "password"));
  // What browsers offer to keep is a password, and it is not left on the screen.
  field.form.addEventListener("submit", () => show(false));
}
