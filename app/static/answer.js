// The answer in words and bars: of one digit, or of a number.

import { find, html } from "./dom.js";
import { list, percent, t } from "./text.js";

/** @import { Digit, Prediction, Reading } from "./api.js" */
/** @import { Key } from "./text.js" */

const found = find("found", HTMLParagraphElement);
const verdict = find("verdict", HTMLParagraphElement);
const notes = find("notes", HTMLParagraphElement);
const digits = find("digits", HTMLDivElement);
const bars = find("bars", HTMLOListElement);
const seen = find("seen", HTMLElement);

const rows = Array.from({ length: 10 }, (_, digit) => {
  const bar = html("i");
  const share = html("output");
  const row = html("li", {}, html("span", {}, String(digit)), html("span", { class: "bar" }, bar), share);
  bars.append(row);
  return { row, bar, share };
});

/** @param {number[] | null} probabilities */
function showBars(probabilities) {
  const most = Math.max(...(probabilities ?? [2]));
  rows.forEach(({ row, bar, share }, digit) => {
    const probability = probabilities?.[digit] ?? 0;
    row.classList.toggle("top", probability === most);
    bar.style.width = `${100 * probability}%`;
    share.textContent = probabilities ? percent(probability) : "";
  });
}

/** Say the words only where they change, so that a screen reader does not repeat them. @param {string} text @param {string} sentence @param {string} remarks @param {"sure" | "unsure" | ""} state */
function say(text, sentence, remarks, state) {
  found.textContent = text;
  found.className = `${text.length > 3 ? "long " : ""}${state}`;
  if (verdict.textContent !== sentence) verdict.textContent = sentence;
  verdict.className = state;
  notes.textContent = remarks;
}

/** @param {string} image @param {string} caption */
function showSeen(image, caption) {
  const picture = /** @type {HTMLImageElement} */ (seen.querySelector("img"));
  picture.hidden = !image;
  if (image) picture.src = image;
  /** @type {HTMLElement} */ (seen.querySelector("figcaption")).textContent = caption;
  seen.hidden = false;
}

/** @param {string} [message] */
export function showNothing(message = t("waiting")) {
  say("", message, "", "");
  showBars(null);
  digits.hidden = seen.hidden = true;
}

/** @param {Prediction} prediction @param {number} milliseconds */
export function showPrediction(prediction, milliseconds) {
  const { digit, probabilities, confidence, unsure, reasons, warnings, preprocessing, image } = prediction;
  const ranked = [...probabilities.keys()].sort((one, other) => probabilities[other] - probabilities[one]);
  /** @type {Key[]} */
  const words = [...new Set([...reasons, ...warnings])];
  const blank = words.includes("blank");
  const removed = [...preprocessing.removed, .../** @type {Key[]} */ (preprocessing.flattened ? ["shadow"] : [])];
  const remarks = (blank ? /** @type {Key[]} */ (["blank"]) : words).map((word) => t(word, { other: ranked[1] }));
  if (removed.length) remarks.push(t("removed", { list: list(removed.map((word) => t(word))) }));
  const sentence = t(unsure ? "unsure" : "sure", { text: digit, percent: percent(confidence) });
  say(blank ? "" : String(digit), blank ? t("nothing") : sentence, remarks.join(" "), unsure ? "unsure" : "sure");
  showBars(blank ? null : probabilities);
  digits.hidden = true;
  showSeen(image, t("seen", { ms: Math.round(milliseconds) }));
}

/**
 * @param {Reading} reading
 * @param {number} milliseconds
 * @param {(at: number) => void} choose called with the index of a digit that is pointed at, and now of the least sure
 */
export function showReading(reading, milliseconds, choose) {
  const { text, confidence, unsure, warnings, lines } = reading;
  const [next] = lines.length === 1 ? lines[0].alternatives : [];
  const remarks = warnings.map((word) => t(word));
  if (unsure && reading.digits.length) {
    const values = { other: next?.text || "–", percent: percent(next?.probability ?? 0) };
    remarks.push(next ? t("otherReading", values) : t("unsureNumber"));
  }
  const oneLine = text.replaceAll("\n", ", ");
  const sentence = t(unsure ? "unsure" : "sure", { text: oneLine, percent: percent(confidence) });
  say(text, text ? sentence : t("nothing"), remarks.join(" "), unsure ? "unsure" : "sure");
  digits.replaceChildren(...reading.digits.map((digit, at) => button(digit, at, choose)));
  digits.hidden = !text;
  showBars(null);
  const shares = reading.digits.map((digit) => digit.confidence);
  const least = /** @type {HTMLElement | undefined} */ (digits.children[shares.indexOf(Math.min(...shares))]);
  least?.click();
  showSeen("", t("readIn", { ms: Math.round(milliseconds) }));
}

/** @param {Digit} digit @param {number} at @param {(at: number) => void} choose */
function button(digit, at, choose) {
  const one = html("button", { type: "button", "aria-pressed": "false" }, String(digit.digit));
  one.classList.toggle("unsure", digit.unsure);
  const pick = () => {
    for (const other of digits.children) other.setAttribute("aria-pressed", String(other === one));
    showBars(digit.probabilities);
    choose(at);
  };
  for (const event of ["pointerenter", "focus", "click"]) one.addEventListener(event, pick);
  return one;
}
