export function toast(text, { action, kind = "", seconds = 5 } = {}) {
  let place = document.getElementById("toasts");
  if (!place) {
    place = document.createElement("div");
    place.id = "toasts";
    place.setAttribute("role", "status");
    document.body.append(place);
  }
  const one = document.createElement("p");
  one.className = `toast ${kind}`;
  one.textContent = text;
  if (action) {
    const button = document.createElement("button");
    button.textContent = action.label;
    button.addEventListener("click", () => {
      one.remove();
      action.run();
    });
    one.append(button);
  }
  place.append(one);
  setTimeout(() => one.remove(), seconds * 1000);
}
