// The page: what is drawn or chosen goes to the service, one request at a time, and the newest answer is shown.

import { showNothing, showPrediction, showReading } from "./answer.js";
import { Refusal, Unavailable, ask, useKey } from "./client.js";
import { find } from "./dom.js";
import { showLayers, showNoLayers } from "./inside.js";
import { latest } from "./latest.js";
import { showModel } from "./model.js";
import { Paper } from "./paper.js";
import { onPicture } from "./pictures.js";
import { otherLanguage, switchLanguage, t, translate } from "./text.js";

/** @import { Prediction, Reading } from "./api.js" */

const PAUSE = 80; // milliseconds between two requests while drawing
const RETRY = 1500;

const undo = find("undo", HTMLButtonElement);
const clear = find("clear", HTMLButtonElement);
const think = find("think", HTMLButtonElement);
const inside = find("inside", HTMLElement);
const said = find("answer", HTMLElement);
const mode = find("mode", HTMLFormElement);
const language = find("language", HTMLButtonElement);
const keyForm = find("key", HTMLFormElement);
const [drawView, modelView] = [find("draw", HTMLElement), find("model", HTMLElement)];

const queue = latest(answer, () => (said.ariaBusy = "false"));
const paper = new Paper(find("paper", HTMLCanvasElement), changed);

/** Whether the service can explain itself; another network than LeNet-5 cannot. */
let explains = true;

/** @param {boolean} finished */
function changed(finished) {
  undo.disabled = !paper.undoable;
  clear.disabled = paper.empty;
  said.ariaBusy = String(!paper.empty); // a screen reader waits for the last answer
  if (paper.empty) {
    queue.forget();
    showNothing();
    showNoLayers(explains ? "insideWaiting" : "insideOther");
  } else queue.want(finished ? 0 : PAUSE);
}

/** Ask again about what is on the paper. */
function renew() {
  queue.forget();
  changed(true);
}

/** @param {() => boolean} wanted */
async function answer(wanted) {
  const wish = new FormData(mode).get("mode");
  try {
    const picture = await paper.blob();
    const start = performance.now();
    const prediction = wish === "number" ? null : await predicted(picture);
    const several = wish === "auto" && prediction?.warnings.includes("several_objects");
    /** @type {Reading | null} */
    const reading = wish === "number" || several ? await ask("read", picture) : null;
    if (!wanted()) return;
    const milliseconds = performance.now() - start;
    if (reading && (!prediction || reading.digits.length > 1)) showNumber(reading, milliseconds);
    else if (prediction) await showDigit(prediction, milliseconds, wanted);
  } catch (error) {
    if (wanted()) failed(error, () => queue.want(RETRY));
  }
}

/** @param {Blob} picture @returns {Promise<Prediction>} */
async function predicted(picture) {
  if (!inside.hidden && explains) {
    try {
      return await ask("explain?include=image", picture);
    } catch (error) {
      if (!(error instanceof Refusal && error.code === "not_explainable")) throw error;
      explains = false;
    }
  }
  return ask("predict?include=image", picture);
}

/** @param {Prediction} prediction @param {number} milliseconds @param {() => boolean} wanted */
async function showDigit(prediction, milliseconds, wanted) {
  const { box, source } = prediction.preprocessing;
  showPrediction(prediction, milliseconds);
  paper.mark(box ? [{ box, strong: false }] : [], source);
  if (prediction.layers) await showLayers(prediction, wanted);
  else showNoLayers(explains ? "insideWaiting" : "insideOther");
}

/** @param {Reading} reading @param {number} milliseconds */
function showNumber(reading, milliseconds) {
  const mark = (/** @type {number} */ chosen) =>
    paper.mark(
      reading.digits.map(({ box }, at) => ({ box, strong: at === chosen })),
      reading.source,
    );
  mark(-1);
  showReading(reading, milliseconds, mark);
  showNoLayers("insideMany");
}

/** Say what went wrong; what may go better later is tried again. @param {unknown} error @param {() => void} again */
function failed(error, again) {
  if (error instanceof Unavailable) {
    showNothing(t("gone"));
    said.ariaBusy = "false";
    again();
  } else if (error instanceof Refusal) {
    if (error.status === 401) keyForm.hidden = false;
    showNothing(error.message);
  } else throw error;
}

/** Show the view that the address names. */
async function route() {
  const onModel = location.hash === "#model";
  drawView.hidden = onModel;
  modelView.hidden = !onModel;
  for (const link of document.querySelectorAll("nav a")) {
    const current = link.getAttribute("href") === (onModel ? "#model" : "#draw");
    link.setAttribute("aria-current", current ? "page" : "false");
  }
  if (!onModel) return;
  try {
    await showModel();
  } catch (error) {
    failed(error, () => setTimeout(route, RETRY));
    modelView.replaceChildren(error instanceof Refusal ? error.message : t("gone"));
  }
}

function speak() {
  translate();
  const [code, name] = otherLanguage();
  language.textContent = code.toUpperCase();
  language.title = name;
  language.lang = code;
  think.textContent = t(inside.hidden ? "think" : "unthink");
  paper.draw();
}

language.addEventListener("click", () => {
  switchLanguage();
  speak();
  renew();
  route();
});
undo.addEventListener("click", () => paper.undo());
clear.addEventListener("click", () => paper.clear());
mode.addEventListener("change", renew);
think.addEventListener("click", () => {
  inside.hidden = !inside.hidden;
  think.setAttribute("aria-expanded", String(!inside.hidden));
  document.body.classList.toggle("thinking", !inside.hidden);
  speak();
  renew();
});
keyForm.addEventListener("submit", (event) => {
  event.preventDefault();
  useKey(find("key-value", HTMLInputElement).value.trim());
  keyForm.hidden = true;
  renew();
  route();
});
addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key !== "z" || event.target instanceof HTMLInputElement) return;
  event.preventDefault();
  paper.undo();
});
addEventListener("hashchange", route);
onPicture(find("file", HTMLInputElement), (file, bitmap) => {
  queue.forget();
  showNothing("");
  location.hash = "#draw";
  paper.place(file, bitmap);
});

speak();
renew();
route();
