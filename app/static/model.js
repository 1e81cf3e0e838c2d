// The card of the served weights, as people read it.

import { ask } from "./client.js";
import { find, html, svg } from "./dom.js";
import { date, number, percent, t } from "./text.js";

/** @import { Card, Metrics } from "./api.js" */

const panel = find("model", HTMLElement);
const TITLES = { lenet5: "LeNet-5", alexnet: "AlexNet" };

/** Ask for the card and show it; throws what `ask` throws. */
export async function showModel() {
  /** @type {[Card, Metrics]} */
  const [card, metrics] = [await ask("model"), await ask("metrics")];
  panel.replaceChildren(
    html("h1", {}, card.name),
    html("p", { class: "lead" }, lead(card)),
    figures(card),
    html("h2", {}, t("comparison")),
    comparison(card, metrics),
    html(
      "div",
      { class: "charts" },
      html("section", {}, html("h2", {}, t("confusion")), confusion(card), html("p", { class: "scale" }, t("confusionWhat"))),
      html("section", {}, html("h2", {}, t("learning")), ...curves(card)),
    ),
    html("h2", {}, t("recipe")),
    recipe(card),
  );
}

/** @param {Card} card */
function lead(card) {
  return t("modelLead", {
    network: TITLES[/** @type {keyof typeof TITLES} */ (card.architecture)] ?? card.architecture,
    parameters: number(card.parameters),
    name: card.name,
    epochs: card.history.length,
    date: date(card.date),
    selected: card.selected_on,
    hash: `${card.weights_sha256.slice(0, 12)}…`,
  });
}

/** @param {Card} card */
function figures({ scores, certainty }) {
  const pairs = [
    [percent(scores.accuracy, 2), `${t("accuracy")}. ${t("measured", { on: scores.evaluated_on })}`],
    [number(scores.macro_f1), t("macroF1")],
    [percent(scores.ece, 2), t("ece")],
  ];
  if (certainty) {
    const values = { percent: percent(certainty.error_of_sure), on: certainty.chosen_on };
    pairs.push([percent(certainty.share_sure), t("shareSure", values)]);
  }
  const parts = pairs.map(([figure, what]) => html("div", {}, html("dt", {}, what), html("dd", {}, figure)));
  return html("dl", { class: "figures" }, ...parts);
}

/** @param {Card} card @param {Metrics} metrics */
function comparison(card, { others }) {
  const rows = [
    { name: `${card.name} (${t("served")})`, ...card.scores },
    ...others.map(({ model, accuracy, macro_f1 }) => ({ name: model.name, accuracy, macro_f1 })),
  ];
  const head = [t("weights"), t("accuracy"), t("macroF1")].map((name) => html("th", { scope: "col" }, name));
  const body = rows.map((row, at) =>
    html(
      "tr",
      at ? {} : { class: "served" },
      html("th", { scope: "row" }, row.name),
      html("td", {}, percent(row.accuracy, 2)),
      html("td", {}, number(row.macro_f1)),
    ),
  );
  return html("table", {}, html("thead", {}, html("tr", {}, ...head)), html("tbody", {}, ...body));
}

/** @param {Card} card */
function confusion({ scores }) {
  const side = 36;
  const matrix = scores.confusion_matrix;
  const worst = Math.max(1, ...matrix.flatMap((row, digit) => row.filter((_, answer) => answer !== digit)));
  const cells = matrix.flatMap((row, digit) => [
    text(side / 2, (digit + 1.6) * side, String(digit)),
    text((digit + 1.5) * side, side * 0.6, String(digit)),
    text(11.75 * side, (digit + 1.6) * side, number(scores.per_class[digit].f1, 3)),
    ...row.flatMap((count, answer) => {
      const hit = digit === answer;
      const opacity = hit ? count / Math.max(...row) : 0.75 * Math.sqrt(count / worst);
      const [x, y] = [(answer + 1) * side, (digit + 1) * side];
      const box = { x: x + 1, y: y + 1, width: side - 2, height: side - 2, rx: 4, opacity };
      const cell = svg("rect", { ...box, class: hit ? "hit" : "miss" });
      return count ? [cell, text(x + side / 2, y + side * 0.6, String(count), hit ? "on" : "off")] : [];
    }),
  ]);
  const label = { viewBox: `0 0 ${12.5 * side} ${11.2 * side}`, role: "img", "aria-label": t("confusion") };
  return svg("svg", label, text(11.75 * side, side * 0.6, "F1"), ...cells);
}

/** @param {number} x @param {number} y @param {string} words */
function text(x, y, words, kind = "", anchor = "middle") {
  return svg("text", { x, y, "text-anchor": anchor, class: kind }, words);
}

/** @param {Card} card */
function curves({ history }) {
  const accuracy = /** @type {const} */ (["train_accuracy", "valid_accuracy"]);
  const loss = /** @type {const} */ (["train_loss", "valid_loss"]);
  return [
    chart(t("accuracy"), accuracy.map((name) => history.map((epoch) => epoch[name]))),
    chart(t("loss"), loss.map((name) => history.map((epoch) => epoch[name]))),
  ];
}

/** @param {string} title @param {number[][]} series training and validation, a value an epoch */
function chart(title, [training, validation]) {
  const [width, height, left, top] = [380, 130, 40, 26];
  const values = [...training, ...validation];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (/** @type {number} */ at) => left + (at / Math.max(1, training.length - 1)) * width;
  const y = (/** @type {number} */ value) => top + height - ((value - low) / (high - low || 1)) * height;
  const line = (/** @type {number[]} */ one, /** @type {string} */ kind) =>
    svg("polyline", { class: kind, points: one.map((value, at) => `${x(at)},${y(value)}`).join(" ") });
  const levels = [low, (low + high) / 2, high].flatMap((value) => [
    svg("line", { class: "grid", x1: left, x2: left + width, y1: y(value), y2: y(value) }),
    text(left - 6, y(value) + 4, number(value, 2), "", "end"),
  ]);
  return svg(
    "svg",
    { viewBox: `0 0 ${left + width + 8} ${top + height + 34}`, role: "img", "aria-label": `${t("learning")}: ${title}` },
    text(0, 12, title, "off", "start"),
    text(left + width - 90, 12, t("training"), "cold", "end"),
    text(left + width, 12, t("validation"), "warm", "end"),
    ...levels,
    line(training, "cold"),
    line(validation, "warm"),
    text(left, top + height + 18, `${t("epoch")} 1`, "", "start"),
    text(left + width, top + height + 18, String(training.length), "", "end"),
  );
}

/** @param {Record<string, unknown>} part @param {string} prefix @returns {[string, string][]} */
function flattened(part, prefix = "") {
  return Object.entries(part).flatMap(([name, value]) =>
    value && typeof value === "object"
      ? flattened(/** @type {Record<string, unknown>} */ (value), `${prefix}${name}.`)
      : [/** @type {[string, string]} */ ([prefix + name, typeof value === "number" ? number(value, 6) : String(value)])],
  );
}

/** @param {Card} card */
function recipe({ recipe: parts, seed }) {
  const rows = flattened({ ...parts, seed }).map(([name, value]) =>
    html("div", {}, html("dt", {}, name.replaceAll("_", " ")), html("dd", {}, value)),
  );
  return html("dl", { class: "recipe" }, ...rows);
}
