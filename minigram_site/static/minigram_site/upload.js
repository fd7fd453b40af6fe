// The upload page: several files, sent one by one while the words are typed; the form works without.
"use strict";

(function () {
  const form = document.getElementById("upload");
  const input = form.querySelector("input[type=file]");
  const drop = form.querySelector("#drop");
  const list = form.querySelector("#pictures");
  const template = form.querySelector("#picture-row");
  const errors = form.querySelector("#upload-errors");
  const status = form.querySelector("#upload-status");
  const button = form.querySelector("#publish");
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const maxBytes = Number(form.dataset.maxBytes);
  const maxPixels = Number(form.dataset.maxPixels);
  const maxPictures = Number(form.dataset.maxPictures);
  const AT_ONCE = 2;
  const LOST = "The connection was lost. It goes on when you are back online.";
  let entries = [];
  let wanted = false; // whether "Publish" was pressed
  let leaving = false;

  input.required = false;

  function tell(text) {
    errors.replaceChildren();
    if (!text) return;
    const box = document.createElement("ul");
    box.className = "errors box";
    box.appendChild(document.createElement("li")).textContent = text;
    errors.append(box);
    errors.scrollIntoView({ block: "nearest" });
  }

  function faultOf(file) {
    if (file.size === 0) return "This file is empty. Choose another one.";
    if (file.size > maxBytes) {
      const size = (file.size / 1048576).toFixed(1);
      return `This file has ${size} MB; ${Math.floor(maxBytes / 1048576)} MB are the limit.`;
    }
    return "";
  }

  // The first bytes decide, as on the server: names and types are what systems make of endings.
  async function isPicture(file) {
    const head = String.fromCharCode(...new Uint8Array(await file.slice(0, 12).arrayBuffer()));
    return /^(\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|....ftyp)/s.test(head);
  }

  function add(files) {
    tell("");
    for (const file of files) {
      if (entries.length >= maxPictures) {
        tell(`A photo has up to ${maxPictures} pictures.`);
        break;
      }
      const row = template.content.firstElementChild.cloneNode(true);
      // Nothing is sent before the browser has had a look: what is too large need not travel.
      const entry = { file, row, id: "", state: "looking", xhr: null };
      row.querySelector(".name").textContent = file.name;
      const picture = row.querySelector("img");
      picture.onload = () => {
        const pixels = picture.naturalWidth * picture.naturalHeight;
        if (pixels > maxPixels) {
          const size = `${Math.ceil(pixels / 1000000)} megapixels`;
          const limit = `${Math.floor(maxPixels / 1000000)} are the limit`;
          fail(entry, `This picture has ${size}; ${limit}. Upload a smaller version.`, false);
        } else looked(entry);
      };
      // Not every browser can show every kind.
      picture.onerror = () => {
        picture.hidden = true;
        row.classList.add("unseen");
        looked(entry);
      };
      row.querySelector(".earlier").addEventListener("click", () => move(entry, -1));
      row.querySelector(".later").addEventListener("click", () => move(entry, 1));
      row.querySelector(".remove").addEventListener("click", () => remove(entry));
      row.querySelector(".again").addEventListener("click", () => {
        entry.state = "waiting";
        fault(entry, "");
        pump();
      });
      entries.push(entry);
      list.append(row);
      const reason = faultOf(file);
      if (reason) fail(entry, reason, false);
      else look(entry, picture);
    }
    input.value = "";
    show();
    pump();
  }

  async function look(entry, picture) {
    const fit = await isPicture(entry.file).catch(() => true); // what cannot be read cannot be sent
    if (fit) picture.src = URL.createObjectURL(entry.file);
    else fail(entry, "This is not a picture of a kind that can be shared here.", false);
  }

  function looked(entry) {
    if (entry.state === "looking") entry.state = "waiting";
    pump();
  }

  function fault(entry, text, again = false) {
    entry.row.querySelector(".fault").textContent = text;
    entry.row.querySelector(".again").hidden = !again;
    entry.row.classList.toggle("wrong", Boolean(text));
  }

  function fail(entry, text, again) {
    entry.state = again ? "lost" : "refused";
    fault(entry, text, again);
    show();
  }

  function stop(entry) {
    if (entry.xhr) entry.xhr.abort();
    entry.xhr = null;
    if (entry.id) post(`${form.dataset.media}${entry.id}/discard/`, new FormData()).catch(() => {});
    entry.id = "";
  }

  function remove(entry) {
    stop(entry);
    URL.revokeObjectURL(entry.row.querySelector("img").src);
    entry.row.remove();
    entries = entries.filter((other) => other !== entry);
    show();
    pump();
    input.focus();
  }

  function move(entry, step) {
    const at = entries.indexOf(entry);
    const to = at + step;
    if (to < 0 || to >= entries.length) return;
    entries.splice(at, 1);
    entries.splice(to, 0, entry);
    list.replaceChildren(...entries.map((one) => one.row));
    entry.row.querySelector(step < 0 ? ".earlier" : ".later").focus();
    show();
  }

  function show() {
    entries.forEach((entry, at) => {
      entry.row.querySelector(".earlier").disabled = at === 0;
      entry.row.querySelector(".later").disabled = at === entries.length - 1;
      entry.row.querySelector("progress").hidden = !["looking", "waiting", "sending"].includes(
        entry.state,
      );
    });
    const open =
      entries.filter((entry) => entry.state !== "done" && entry.state !== "refused").length;
    status.textContent = wanted && open
      ? `Waiting for ${open} ${open === 1 ? "upload" : "uploads"} …`
      : "";
    button.disabled = wanted;
  }

  // Start what waits, a few at a time; when all have arrived and "Publish" was pressed, publish.
  function pump() {
    let sending = entries.filter((entry) => entry.state === "sending").length;
    for (const entry of entries) {
      if (entry.state === "waiting" && sending < AT_ONCE) {
        send(entry);
        sending += 1;
      }
    }
    show();
    if (wanted && entries.every((entry) => entry.state === "done")) publish();
    else if (wanted && entries.some((entry) => entry.state === "refused")) {
      wanted = false;
      tell("One of the pictures was refused. Remove it, or choose another one.");
      show();
    }
  }

  function send(entry) {
    const xhr = new XMLHttpRequest();
    const data = new FormData();
    data.append("image", entry.file);
    entry.xhr = xhr;
    entry.state = "sending";
    xhr.open("POST", form.dataset.media);
    xhr.setRequestHeader("X-CSRFToken", token);
    xhr.upload.onprogress = (event) => {
      if (event.lengthComputable) {
        entry.row.querySelector("progress").value = (event.loaded / event.total) * 100;
      }
    };
    xhr.onload = () => {
      entry.xhr = null;
      const answer = read(xhr);
      if (xhr.status === 201) {
        entry.id = answer.id;
        entry.state = "done";
        fault(entry, "");
      } else {
        fail(
          entry,
          answer.detail || "This did not work. Try again.",
          xhr.status >= 500 || xhr.status === 429,
        );
      }
      pump();
    };
    xhr.onerror = () => {
      entry.xhr = null;
      fail(entry, LOST, true);
      pump();
    };
    xhr.onabort = () => {
      entry.xhr = null;
    };
    xhr.send(data);
  }

  function read(xhr) {
    try {
      return JSON.parse(xhr.responseText);
    } catch {
      // A page: the site's answer to what is too much or too large.
      const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
      const detail = page.querySelector("[data-detail]");
      return { detail: detail ? detail.textContent : "" };
    }
  }

  async function post(address, data) {
    const response = await fetch(address, {
      method: "POST",
      body: data,
      headers: { "X-CSRFToken": token },
    });
    const text = await response.text();
    return { ok: response.ok, ...read({ responseText: text || "{}" }) };
  }

  async function publish() {
    const data = new FormData();
    for (const entry of entries) {
      data.append("media", entry.id);
      data.append(`alt_${entry.id}`, entry.row.querySelector("textarea").value);
    }
    data.append("caption", form.querySelector("[name=caption]").value);
    const camera = form.querySelector("[name=show_camera]");
    if (camera.checked) data.append("show_camera", "on");
    status.textContent = "Publishing …";
    try {
      const answer = await post(form.dataset.publish, data);
      if (answer.ok) {
        leaving = true;
        location.assign(answer.address);
        return;
      }
      tell(answer.detail || "This did not work. Try again.");
    } catch {
      tell("The connection was lost. Press Publish again: nothing is published twice.");
    }
    wanted = false;
    show();
  }

  input.addEventListener("change", () => add([...input.files]));
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.remove("over");
    });
  }
  drop.addEventListener("drop", (event) => add([...event.dataTransfer.files]));
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) add([...event.clipboardData.files]);
  });
  addEventListener("online", () => {
    for (const entry of entries) {
      if (entry.state === "lost") {
        entry.state = "waiting";
        fault(entry, "");
      }
    }
    pump();
  });
  addEventListener("beforeunload", (event) => {
    if (entries.length && !leaving) event.preventDefault();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!entries.length) {
      tell("Choose a picture.");
      return;
    }
    if (entries.some((entry) => entry.state === "refused")) {
      tell("One of the pictures was refused. Remove it, or choose another one.");
      return;
    }
    for (const entry of entries) {
      if (entry.state === "lost") {
        entry.state = "waiting";
        fault(entry, "");
      }
    }
    tell("");
    wanted = true;
    pump();
  });
  // Files may have been chosen before this was here: on a slow line, or by the "back" button.
  if (input.files.length) add([...input.files]);
})();
