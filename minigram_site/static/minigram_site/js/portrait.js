// The chosen portrait is shown at once, in the place of the one before.
const frame = document.getElementById("portrait");
const input = frame.querySelector("input[type=file]");

input.addEventListener("change", async () => {
  const [file] = input.files;
  if (!file) return;
  const picture = new Image();
  picture.src = URL.createObjectURL(file);
  // What the browser cannot show (HEIC, most often) the site may still be able to read.
  const shown = await picture.decode().then(() => true, () => false);
  if (!shown || input.files[0] !== file) {
    URL.revokeObjectURL(picture.src);
    return;
  }
  picture.className = "avatar large";
  picture.alt = "";
  frame.querySelector(".avatar").replaceWith(picture);
});
