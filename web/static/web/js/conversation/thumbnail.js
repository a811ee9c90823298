// Small pictures of images that are to be sent: drawn, for an address of their content would not be of this server.

const SIDE = 40;
// Larger files would take more memory to draw than they are worth.
const MAX_BYTES = 30_000_000;

/** Draw the middle of an image into a canvas, and show it; an image that cannot be drawn is not shown. `source` gives its bytes. */
export async function draw(canvas, source) {
  try {
    const blob = await source();
    if (blob.size > MAX_BYTES) return;
    const bitmap = await createImageBitmap(blob);
    const side = Math.min(bitmap.width, bitmap.height);
    // Sharp on dense screens too.
    const drawn = SIDE * Math.min(2, Math.ceil(devicePixelRatio));
    Object.assign(canvas, { width: drawn, height: drawn });
    canvas.getContext("2d").drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, drawn, drawn);
    bitmap.close();
    canvas.hidden = false;
  } catch {
    // Its name is there.
  }
}
