// Pictures from the clipboard, a drop, a file or the camera; large ones are made smaller before they are sent.

import { offscreen } from "./dom.js";

const LONGEST = 2048; // pixels; the service reads no finer detail
const BYTES = 3_000_000;

/**
 * @param {Blob} file
 * @returns {Promise<{file: Blob, bitmap: ImageBitmap | null}>} what to send, and what to show: null where the browser
 *   does not know the format, which the service may know all the same
 */
async function prepared(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file); // upright, as EXIF says
  } catch {
    return { file, bitmap: null };
  }
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  if (scale === 1 && file.size <= BYTES) return { file, bitmap };
  const { canvas, context } = offscreen(Math.ceil(bitmap.width * scale), Math.ceil(bitmap.height * scale));
  context.imageSmoothingQuality = "high";
  context.fillStyle = "#fff"; // JPEG has no transparency
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return { file: await canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 }), bitmap };
}

/**
 * Call `use` with every picture that is pasted, dropped or chosen.
 *
 * @param {HTMLInputElement} input
 * @param {(file: Blob, bitmap: ImageBitmap | null) => void} use
 */
export function onPicture(input, use) {
  /** @param {FileList | null | undefined} files */
  async function take(files) {
    if (!files?.length) return;
    const { file, bitmap } = await prepared(files[0]);
    use(file, bitmap);
  }
  input.addEventListener("change", async () => {
    await take(input.files);
    input.value = ""; // so that the same file can be chosen again
  });
  addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) event.preventDefault();
    take(event.clipboardData?.files);
  });
  addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("over");
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("over");
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("over");
    take(event.dataTransfer?.files);
  });
}
