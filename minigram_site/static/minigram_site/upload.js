// The upload page: several files, sent one by one while the words are typed; the form works without.
"use strict";

(function () {
  const { faultOf, isPicture, hasWords } = globalThis.pictureFiles;
  const form = document.getElementById("upload");
  const input = form.querySelector("input[type=file]");
  const drop = form.querySelector("#drop");
  const list = form.querySelector("#pictures");
  const template = form.querySelector("#picture-row");
  const errors = form.querySelector("#upload-errors");
  const status = form.querySelector("#upload-status");
  const button = form.querySelector("#publish");
  const token = form.querySelector("[name=csrfmiddlewaretoken]");
  const maxBytes = Number(form.dataset.maxBytes);
  const maxPixels = Number(form.dataset.maxPixels);
  const maxPictures = Number(form.dataset.maxPictures);
  const AT_ONCE = 2;
  const LOST = "The connection was lost. It goes on when you are back online.";
  const SILENT = "The site does not answer. It is tried again in a moment.";
  const UNKNOWN = "The connection was lost. Press Publish again: nothing is published twice.";
  const UNREADABLE = "This file cannot be read any more. Choose it again.";
  // A minute to wait for its turn to be decoded, and then the decoding, are no silence.
  const SILENCE_MS = { sending: 30_000, sent: 120_000, publishing: 60_000 };
  const AGAIN_MS = 10_000;
  let entries = [];
  let wanted = false; // whether "Publish" was pressed
  let publishing = false;
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

  function add(files) {
    tell("");
    for (const file of files) {
      if (entries.length >= maxPictures) {
        tell(`A photo has up to ${maxPictures} pictures.`);
        break;
      }
      const row = template.content.firstElementChild.cloneNode(true);
      // Nothing is sent before the browser has had a look: what is too large need not travel.
      const entry = { file, row, id: "", state: "looking", xhr: null, renewed: false };
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
        wait(entry);
        pump();
      });
      entries.push(entry);
      list.append(row);
      const reason = faultOf(file, maxBytes);
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

  // To be sent, perhaps once more.
  function wait(entry) {
    entry.id = "";
    entry.state = "waiting";
    fault(entry, "");
  }

  function fail(entry, text, again) {
    entry.state = again ? "lost" : "refused";
    fault(entry, text, again);
    show();
  }

  function stop(entry) {
    if (entry.xhr) entry.xhr.abort();
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
    let silence;
    function listen(step) {
      clearTimeout(silence);
      silence = setTimeout(giveUp, SILENCE_MS[step]);
    }
    function giveUp() {
      xhr.abort();
      fail(entry, SILENT, true);
      setTimeout(() => {
        if (entry.state === "lost") wait(entry);
        pump();
      }, AGAIN_MS);
      pump();
    }
    xhr.open("POST", form.dataset.media);
    for (const [name, value] of Object.entries(headers())) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = (event) => {
      listen("sending");
      if (event.lengthComputable) {
        entry.row.querySelector("progress").value = (event.loaded / event.total) * 100;
      }
    };
    xhr.upload.onload = () => listen("sent");
    xhr.onload = () => {
      answered(entry, xhr);
      pump();
    };
    xhr.onerror = async () => {
      const readable = await isPicture(entry.file).catch(() => false);
      fail(entry, readable ? LOST : UNREADABLE, readable);
      pump();
    };
    xhr.onloadend = () => {
      clearTimeout(silence);
      if (entry.xhr === xhr) entry.xhr = null; // else it is sent again already
    };
    listen("sending");
    xhr.send(data);
  }

  function answered(entry, xhr) {
    const answer = read(xhr);
    if (xhr.status === 201) {
      entry.id = answer.id;
      entry.state = "done";
      entry.renewed = false;
      fault(entry, "");
      return;
    }
    const login = xhr.status === 403 ? loginFault(xhr.responseText) : "";
    if (login === RENEWED && !entry.renewed) {
      entry.renewed = true;
      wait(entry);
      return;
    }
    const again = login || xhr.status >= 500 || xhr.status === 429;
    const text = login === RENEWED ? "" : login;
    fail(entry, text || answer.detail || "This did not work. Try again.", Boolean(again));
  }

  function headers() {
    return { "X-CSRFToken": token.value, "X-Requested-With": "XMLHttpRequest" };
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

  async function post(address, data, renewed = false) {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), SILENCE_MS.publishing);
    const options = { method: "POST", body: data, headers: headers(), signal: silence.signal };
    const response = await fetch(address, options).finally(() => clearTimeout(timer));
    const text = await response.text();
    const login = response.status === 403 ? loginFault(text) : "";
    if (login === RENEWED && !renewed) return post(address, data, true);
    const answer = read({ responseText: text || "{}" });
    return login && login !== RENEWED ? { detail: login } : answer;
  }

  async function publish() {
    if (publishing) return;
    publishing = true;
    status.textContent = "Publishing …";
    const answer = await post(form.dataset.publish, fields()).catch(() => ({ detail: UNKNOWN }));
    publishing = false;
    if (answer.address) {
      leaving = true;
      location.assign(answer.address);
      return;
    }
    // Thrown away meanwhile, over night perhaps: the files are still here.
    const gone = entries.filter((entry) => answer.gone?.includes(entry.id));
    gone.forEach(wait);
    if (!gone.length) {
      tell(answer.detail || "This did not work. Try again.");
      wanted = false;
    }
    pump();
  }

  function fields() {
    const data = new FormData();
    for (const entry of entries) {
      data.append("media", entry.id);
      data.append(`alt_${entry.id}`, entry.row.querySelector("textarea").value);
    }
    data.append("caption", form.querySelector("[name=caption]").value);
    if (form.querySelector("[name=show_camera]").checked) data.append("show_camera", "on");
    return data;
  }

  input.addEventListener("change", () => add([...input.files]));
  // Files may be dropped anywhere: the browser would leave the page to show one.
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      drop.classList.toggle("over", name === "dragenter" || name === "dragover");
      if (name === "drop") add([...event.dataTransfer.files]);
    });
  }
  addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    if (!files.length || hasWords(event.clipboardData)) return;
    event.preventDefault();
    add(files);
  });
  addEventListener("online", () => {
    entries.filter((entry) => entry.state === "lost").forEach(wait);
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
    entries.filter((entry) => entry.state === "lost").forEach(wait);
    tell("");
    wanted = true;
    pump();
  });
  // Files may have been chosen before this was here: on a slow line, or by the "back" button.
  if (input.files.length) add([...input.files]);
})();
