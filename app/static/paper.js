// The paper: strokes by mouse, pen, finger or keyboard, or one picture; all of it can be undone.

import { contextOf, offscreen } from "./dom.js";
import { t } from "./text.js";

/** @import { Box } from "./api.js" */
/** @typedef {{x: number, y: number}} Point in units of the paper's height, so that strokes keep their form */
/** @typedef {{kind: "stroke", points: Point[]} | {kind: "picture", file: Blob, bitmap: ImageBitmap | null} | {kind: "clear"}} Step */
/** @typedef {{x: number, y: number, scale: number}} Placed where a picture's corner is on the paper, and its scale */

const ASPECT = 4 / 3;
const PEN = 0.055; // width of a stroke
const SENT = 300; // height in pixels of a drawing when it is sent
const STEP = 1 / 24; // of a keyboard's pen

export class Paper {
  /** @type {Step[]} */
  #steps = [];
  /** @type {Point[] | undefined} */
  #stroke;
  #cursor = { x: ASPECT / 2, y: 0.5 };
  #penDown = false;
  /** @type {{box: Box, strong: boolean}[]} */
  #boxes = [];
  /** @type {{width: number, height: number}} */
  #source = { width: 1, height: 1 };

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(finished: boolean) => void} changed called on every change; `finished` where it is not part of a stroke
   */
  constructor(canvas, changed) {
    this.canvas = canvas;
    this.changed = changed;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
      canvas.addEventListener(name, () => this.#up());
    }
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("focus", () => this.draw());
    canvas.addEventListener("blur", () => this.#up());
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  /** The steps since the last clear. */
  get #visible() {
    return this.#steps.slice(this.#steps.findLastIndex((step) => step.kind === "clear") + 1);
  }

  get empty() {
    return !this.#visible.length;
  }

  get undoable() {
    return this.#steps.length > 0;
  }

  clear() {
    if (!this.empty) this.#add({ kind: "clear" });
  }

  undo() {
    this.#stroke = undefined;
    this.#penDown = false;
    this.#boxes = [];
    if (this.#steps.pop()) this.#show(true);
  }

  /** Show a picture in place of what is there; `bitmap` is null where the browser cannot show its format. @param {Blob} file @param {ImageBitmap | null} bitmap */
  place(file, bitmap) {
    if (!this.empty) this.#steps.push({ kind: "clear" });
    this.#add({ kind: "picture", file, bitmap });
  }

  /** Draw boxes, in pixels of a picture of size `source`. @param {{box: Box, strong: boolean}[]} boxes @param {{width: number, height: number}} source */
  mark(boxes, source) {
    this.#boxes = boxes;
    this.#source = source;
    this.draw();
  }

  /** The picture, or the strokes as a small PNG of black on white. @returns {Promise<Blob>} */
  async blob() {
    const [first] = this.#visible;
    if (first?.kind === "picture") return first.file;
    const { canvas, context } = offscreen(SENT * ASPECT, SENT);
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    this.#strokes(context, SENT, "#000");
    return canvas.convertToBlob();
  }

  /** @param {Step} step */
  #add(step) {
    this.#steps.push(step);
    this.#boxes = [];
    this.#show(true);
  }

  /** @param {boolean} finished */
  #show(finished) {
    this.draw();
    this.changed(finished);
  }

  draw() {
    const { canvas } = this;
    canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
    canvas.height = Math.round(canvas.clientHeight * devicePixelRatio);
    const context = contextOf(canvas);
    const style = getComputedStyle(canvas);
    const [first] = this.#visible;
    const bitmap = first?.kind === "picture" && first.bitmap;
    if (bitmap) {
      const { x, y, scale } = this.#placed(bitmap);
      context.drawImage(bitmap, x, y, bitmap.width * scale, bitmap.height * scale);
    } else if (first?.kind !== "stroke") {
      context.fillStyle = style.getPropertyValue("--quiet");
      context.font = `${canvas.height / 24}px system-ui, sans-serif`;
      context.textAlign = "center";
      context.fillText(t(first ? "unshown" : "here"), canvas.width / 2, canvas.height / 2, canvas.width * 0.94);
    }
    this.#strokes(context, canvas.height, style.color);
    const line = (/** @type {boolean} */ strong) => {
      context.strokeStyle = style.getPropertyValue(strong ? "--warm" : "--cold");
      context.lineWidth = (strong ? 3 : 1.5) * devicePixelRatio;
      context.beginPath();
    };
    const { x, y, scale } = this.#placed(this.#source);
    for (const { box, strong } of this.#boxes) {
      line(strong);
      context.roundRect(x + box.x * scale, y + box.y * scale, box.width * scale, box.height * scale, 4);
      context.stroke();
    }
    if (canvas.matches(":focus-visible")) {
      line(this.#penDown);
      context.arc(this.#cursor.x * canvas.height, this.#cursor.y * canvas.height, 0.6 * PEN * canvas.height, 0, 7);
      context.stroke();
    }
  }

  /** Fit a picture of this size into the paper. @param {{width: number, height: number}} size @returns {Placed} */
  #placed({ width, height }) {
    const scale = Math.min(this.canvas.width / width, this.canvas.height / height);
    return { x: (this.canvas.width - width * scale) / 2, y: (this.canvas.height - height * scale) / 2, scale };
  }

  /** @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context @param {number} scale @param {string} ink */
  #strokes(context, scale, ink) {
    context.lineWidth = PEN * scale;
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = ink;
    for (const step of this.#visible) {
      if (step.kind !== "stroke") continue;
      const points = step.points.map(({ x, y }) => ({ x: x * scale, y: y * scale }));
      context.beginPath();
      context.moveTo(points[0].x, points[0].y);
      points.forEach((point, at) => {
        const next = points[at + 1] ?? point;
        context.quadraticCurveTo(point.x, point.y, (point.x + next.x) / 2, (point.y + next.y) / 2);
      });
      context.stroke();
    }
  }

  /** @param {PointerEvent} event @returns {Point} */
  #point(event) {
    const { left, top, height } = this.canvas.getBoundingClientRect();
    return { x: (event.clientX - left) / height, y: (event.clientY - top) / height };
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (!event.isPrimary || event.button) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.#begin(this.#point(event));
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (!this.#stroke || !event.isPrimary || this.#penDown) return;
    const events = event.getCoalescedEvents?.() ?? [];
    this.#stroke.push(...(events.length ? events : [event]).map((one) => this.#point(one)));
    this.#show(false);
  }

  #up() {
    if (this.#stroke) this.changed(true);
    this.#stroke = undefined;
    this.#penDown = false;
    this.draw();
  }

  /** @param {Point} point */
  #begin(point) {
    if (this.#visible[0]?.kind === "picture") this.#steps.push({ kind: "clear" });
    this.#stroke = [point];
    this.#steps.push({ kind: "stroke", points: this.#stroke });
    this.#show(false);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const move = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (move) {
      this.#cursor.x = Math.min(Math.max(this.#cursor.x + move[0] * STEP, 0), ASPECT);
      this.#cursor.y = Math.min(Math.max(this.#cursor.y + move[1] * STEP, 0), 1);
      if (this.#penDown && this.#stroke) {
        this.#stroke.push({ ...this.#cursor });
        this.#show(false);
      } else this.draw();
    } else if (event.key === " ") {
      if (this.#penDown) this.#up();
      else {
        this.#penDown = true;
        this.#begin({ ...this.#cursor });
      }
    } else if (event.key === "Delete" || event.key === "Escape") {
      this.#up();
      this.clear();
    } else return;
    event.preventDefault();
  }
}
