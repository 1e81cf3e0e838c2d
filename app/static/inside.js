// The network at work, as figure 2 of LeCun et al. (1998) draws it: every layer as small pictures.

import { contextOf, find, html, offscreen } from "./dom.js";
import { t } from "./text.js";

/** @import { Layer, Prediction, Quantised } from "./api.js" */
/** @import { Key } from "./text.js" */

const panel = find("inside", HTMLElement);

/** How a layer is laid out: maps in a row, and pixels on the screen for one value. */
const LAYOUT = {
  input: { columns: 1, zoom: 4 },
  conv1: { columns: 3, zoom: 2 },
  pool1: { columns: 3, zoom: 4 },
  conv2: { columns: 4, zoom: 4 },
  pool2: { columns: 4, zoom: 7 },
  conv3: { columns: 12, zoom: 14 },
  fc1: { columns: 12, zoom: 14 },
  fc2: { columns: 10, zoom: 22 },
};

/** @param {Quantised} quantised @returns {Float32Array} */
function numbers({ range: [low, high], values }) {
  return Float32Array.from(atob(values), (step) => low + (step.charCodeAt(0) / 255) * (high - low));
}

/** @typedef {(value: number) => number[]} Tone from a value in [-1, 1] to red, green and blue */

/** @returns {Tone} cold, then the sheet's colour at 0, then warm */
function palette() {
  const style = getComputedStyle(panel);
  const [cold, sheet, warm] = ["cold", "sheet", "warm"].map((name) =>
    (style.getPropertyValue(`--${name}`).match(/\d+/g) ?? []).map(Number),
  );
  return (value) => {
    const end = value < 0 ? cold : warm;
    const share = Math.min(Math.abs(value), 1);
    return sheet.map((zero, at) => zero + share * (end[at] - zero));
  };
}

/** @param {Tone} tone @param {ArrayLike<number>} values @param {number} height @param {number} width */
function map(tone, values, height, width) {
  const image = new ImageData(width, height);
  for (let at = 0; at < values.length; at += 1) image.data.set([...tone(values[at]), 255], 4 * at);
  const { canvas, context } = offscreen(width, height);
  context.putImageData(image, 0, 0);
  return canvas;
}

/** @param {string} label @param {number} width @param {number} height in pixels of the page */
function picture(label, width, height) {
  const canvas = html("canvas", { role: "img", "aria-label": label });
  canvas.width = width * devicePixelRatio;
  canvas.height = height * devicePixelRatio;
  canvas.style.width = `${width}px`;
  const context = contextOf(canvas);
  context.scale(devicePixelRatio, devicePixelRatio);
  context.imageSmoothingEnabled = false;
  return { canvas, context };
}

/** @param {Node} canvas @param {string} title @param {string} text */
function figure(canvas, title, text) {
  return html("figure", {}, canvas, html("figcaption", {}, html("b", {}, title), text));
}

/** @param {Layer} layer @param {Tone} tone */
function drawLayer(layer, tone) {
  const { columns, zoom } = LAYOUT[layer.name];
  const [count, height, width] = layer.shape.length === 3 ? layer.shape : [layer.shape[0], 1, 1];
  const values = numbers(layer);
  const gap = height > 1 ? 4 : 2;
  const [across, down] = [width * zoom + gap, height * zoom + gap];
  const label = layer.name === "fc2" ? 18 : 0;
  const title = t(layer.name);
  const { canvas, context } = picture(title, across * columns - gap, down * Math.ceil(count / columns) - gap + label);
  const most = values.reduce((so, value) => Math.max(so, Math.abs(value)), 1e-9);
  const scale = layer.name === "input" || layer.name === "fc2" ? most : 1; // the others end in tanh
  for (let at = 0; at < count; at += 1) {
    const one = values.subarray(at * height * width, (at + 1) * height * width).map((value) => value / scale);
    const [x, y] = [(at % columns) * across, Math.floor(at / columns) * down];
    context.drawImage(map(tone, one, height, width), x, y, width * zoom, height * zoom);
    if (label) drawDigit(context, at, x + zoom / 2, y + zoom + label / 2, values[at] === Math.max(...values));
  }
  return figure(canvas, title, t(/** @type {Key} */ (`${layer.name}What`)));
}

/** @param {CanvasRenderingContext2D} context @param {number} digit @param {number} x @param {number} y @param {boolean} largest */
function drawDigit(context, digit, x, y, largest) {
  const style = getComputedStyle(panel);
  context.fillStyle = largest ? style.getPropertyValue("--ink") : style.getPropertyValue("--quiet");
  context.font = `${largest ? "bold " : ""}13px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(String(digit), x, y);
}

/** The picture that the network saw, under what blanking each square of it does. @param {Quantised} occlusion @param {string} image @param {Tone} tone */
async function drawEvidence(occlusion, image, tone) {
  const side = 168;
  const { canvas, context } = picture(t("evidence"), side, side);
  const [rows, columns] = occlusion.shape;
  const change = numbers(occlusion);
  const most = change.reduce((so, value) => Math.max(so, Math.abs(value)), 1e-9);
  const ink = new Image();
  ink.src = image;
  await ink.decode();
  context.imageSmoothingEnabled = true; // the squares overlap
  context.drawImage(map(tone, change.map((value) => value / most), rows, columns), 0, 0, side, side);
  context.imageSmoothingEnabled = false;
  context.globalCompositeOperation = matchMedia("(prefers-color-scheme: dark)").matches ? "screen" : "multiply";
  context.globalAlpha = 0.55;
  if (context.globalCompositeOperation === "multiply") context.filter = "invert(1)";
  context.drawImage(ink, 0, 0, side, side);
  return figure(canvas, t("evidence"), t("evidenceWhat"));
}

/** @param {Key} message */
export function showNoLayers(message) {
  panel.replaceChildren(html("p", { class: "scale" }, t(message)));
}

/** @param {Prediction} prediction from `/explain` @param {() => boolean} wanted whether to show it, once it is drawn */
export async function showLayers({ layers, occlusion, image }, wanted) {
  if (!layers || !occlusion) return;
  const tone = palette();
  const figures = layers.map((layer) => drawLayer(layer, tone));
  const evidence = await drawEvidence(occlusion, image, tone);
  if (!wanted()) return;
  panel.replaceChildren(
    html("p", { class: "scale" }, html("i"), t("scaleDown"), html("i", { class: "up" }), t("scaleUp")),
    html("div", { class: "flow" }, evidence, ...figures),
  );
}
