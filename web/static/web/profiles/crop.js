// Chooses the square of a picture that is to be seen: drag it, use the arrow keys, and the slider for its size.
// Without this script, the server takes the largest square in the middle.

const SHOWN = 360;
const STEP = 0.02;

const form = document.querySelector("[data-crop]");
if (form) start(form);

function start(form) {
  const cropper = form.querySelector(".cropper");
  const canvas = cropper.querySelector("canvas");
  const zoom = cropper.querySelector("[type=range]");
  // The picture as it is seen, and the square in its pixels.
  let image = null;
  let square = null;

  form.elements.file.addEventListener("change", choose);
  zoom.addEventListener("input", resize);
  canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
  canvas.addEventListener("pointermove", (event) => {
    if (!image || !canvas.hasPointerCapture(event.pointerId)) return;
    const scale = image.width / canvas.clientWidth;
    move(event.movementX * scale, event.movementY * scale);
  });
  canvas.addEventListener("keydown", (event) => {
    const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!direction || !image) return;
    event.preventDefault();
    move(...direction.map((sign) => sign * STEP * Math.max(image.width, image.height)));
  });

  async function choose() {
    image = square = null;
    cropper.hidden = true;
    write();
    const [file] = form.elements.file.files;
    if (!file) return;
    try {
      image = await createImageBitmap(file);
    } catch {
      // The server says what is wrong with it.
      return;
    }
    const scale = Math.min(1, SHOWN / Math.max(image.width, image.height));
    canvas.width = Math.max(1, Math.round(image.width * scale));
    canvas.height = Math.max(1, Math.round(image.height * scale));
    zoom.value = zoom.max;
    const side = Math.min(image.width, image.height);
    square = { left: (image.width - side) / 2, top: (image.height - side) / 2, side };
    cropper.hidden = false;
    draw();
  }

  function resize() {
    if (!image) return;
    const side = Math.max(1, (Math.min(image.width, image.height) * zoom.value) / zoom.max);
    const grown = (square.side - side) / 2;
    square = { left: square.left + grown, top: square.top + grown, side };
    move(0, 0);
  }

  function move(x, y) {
    square.left = Math.max(0, Math.min(image.width - square.side, square.left + x));
    square.top = Math.max(0, Math.min(image.height - square.side, square.top + y));
    draw();
  }

  function draw() {
    const context = canvas.getContext("2d");
    const scale = canvas.width / image.width;
    const [left, top, side] = [square.left, square.top, square.side].map((length) => length * scale);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.globalAlpha = 0.35;
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    context.globalAlpha = 1;
    context.drawImage(image, square.left, square.top, square.side, square.side, left, top, side, side);
    context.lineWidth = 2;
    context.strokeStyle = "#fff";
    context.strokeRect(left + 1, top + 1, side - 2, side - 2);
    write();
  }

  function write() {
    for (const name of ["left", "top", "side"]) form.elements[name].value = square ? Math.floor(square[name]) : "";
  }
}
