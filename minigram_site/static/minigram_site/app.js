// What the pages gain with JavaScript; all of them work without it.
"use strict";

document.documentElement.classList.add("script");

if ("serviceWorker" in navigator && window.isSecureContext) {
  navigator.serviceWorker.register("/sw.js");
}

// An answer that htmx does not put into the page (too large, too fast, broken): say what it says.
document.addEventListener("htmx:responseError", (event) => {
  const answer = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  const detail = answer.querySelector("[data-detail]");
  say(detail ? detail.textContent : "This did not work. Try again.");
});
document.addEventListener("htmx:sendError", () => {
  say("The site cannot be reached. Nothing is lost: try again in a moment.");
});

function say(text) {
  const message = document.createElement("p");
  message.className = "message error";
  message.textContent = text;
  document.getElementById("messages").replaceChildren(message);
  message.scrollIntoView({ block: "center" });
}

// The upload form: choose, drop or paste; preview; limits told before sending; progress.
function prepareUpload(form) {
  const input = form.querySelector("input[type=file]");
  const drop = form.querySelector("#drop");
  const preview = form.querySelector("#preview");
  const progress = form.querySelector("#progress");
  const button = form.querySelector("#publish");
  const errors = form.querySelector("#upload-errors");

  function tell(text) {
    errors.replaceChildren();
    if (!text) return;
    const list = document.createElement("ul");
    list.className = "errors box";
    list.appendChild(document.createElement("li")).textContent = text;
    errors.append(list);
  }

  function check() {
    const file = input.files[0];
    if (!file) return "Choose a picture.";
    const limit = Number(form.dataset.maxBytes);
    if (file.size > limit) {
      return `This file has ${(file.size / 1048576).toFixed(1)} MB; ${Math.floor(limit / 1048576)} MB are the limit.`;
    }
    if (file.type && !file.type.startsWith("image/")) return "This is not a picture.";
    return "";
  }

  function show() {
    const file = input.files[0];
    tell(file ? check() : "");
    if (preview.src) URL.revokeObjectURL(preview.src);
    preview.hidden = true;
    if (!file) return;
    preview.onload = () => { preview.hidden = false; };
    preview.src = URL.createObjectURL(file);
  }

  function take(files) {
    const pictures = [...files].filter((file) => file.type.startsWith("image/") || /\.(heic|heif)$/i.test(file.name));
    if (!pictures.length) return tell("This is not a picture.");
    const chosen = new DataTransfer();
    chosen.items.add(pictures[0]);
    input.files = chosen.files;
    show();
  }

  input.addEventListener("change", show);
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.remove("over"); });
  }
  drop.addEventListener("drop", (event) => take(event.dataTransfer.files));
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) take(event.clipboardData.files);
  });

  form.addEventListener("htmx:beforeRequest", (event) => {
    const fault = check();
    if (fault) { event.preventDefault(); tell(fault); return; }
    tell("");
    button.disabled = true;
    progress.hidden = false;
    progress.value = 0;
  });
  form.addEventListener("htmx:xhr:progress", (event) => {
    if (event.detail.lengthComputable && event.detail.total) {
      progress.value = (event.detail.loaded / event.detail.total) * 100;
    }
  });
  form.addEventListener("htmx:afterRequest", () => {
    button.disabled = false;
    progress.hidden = true;
  });
}

const upload = document.getElementById("upload");
if (upload) prepareUpload(upload);
