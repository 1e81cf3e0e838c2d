// The card of the served weights, as people read it.

import { ask } from "./client.js";
import { find, html, svg } from "./dom.js";
import { number, percent, t } from "./text.js";

/** @import { Card, Metrics, StoredScores } from "./api.js" */
/** @import { Key } from "./text.js" */

const panel = find("model", HTMLElement);
/** @type {Record<string, string>} */
const TITLES = { lenet5: "LeNet-5", alexnet: "AlexNet" };
const KINDS = ["warm", "cold", "off"]; // one for each set of weights

/** @typedef {{name: string, kind: string, points: number[][]}} Series points are x, y and, where they are dots and no line, a radius */

/** Ask for the card and show it; throws what `ask` throws. */
export async function showModel() {
  /** @type {[Card, Metrics]} */
  const [card, metrics] = [await ask("model"), await ask("metrics")];
  const all = [metrics, ...metrics.others];
  /** @param {Key} title @param {(Node | string)[]} parts */
  const section = (title, ...parts) => html("section", {}, html("h2", {}, t(title)), ...parts);
  /** @param {Key} what @param {Record<string, string>} [values] */
  const note = (what, values) => html("p", { class: "scale" }, t(what, values));
  const parameters = flattened({ ...card.recipe, seed: card.seed }).map(([name, value]) =>
    html("li", {}, `${name.replaceAll("_", " ")} `, html("b", {}, value)),
  );
  panel.replaceChildren(
    html("h1", {}, card.name),
    html("p", { class: "lead" }, lead(card)),
    html(
      "div",
      { class: "charts" },
      section("comparison", comparison(all), note("measured", { on: card.scores.evaluated_on })),
      section("calibration", calibration(all), note("calibrationWhat")),
      section("confusion", confusion(card), note("confusionWhat")),
      section("learning", ...curves(card)),
    ),
    section("recipe", html("ul", { class: "recipe" }, ...parameters)),
  );
}

/** @param {Card} card */
function lead(card) {
  return t("modelLead", {
    network: TITLES[card.architecture] ?? card.architecture,
    parameters: number(card.parameters),
    epochs: card.history.length,
    date: card.date.slice(0, 10),
    selected: card.selected_on,
    hash: `${card.weights_sha256.slice(0, 12)}…`,
  });
}

/** @param {StoredScores[]} all first those that are served */
function comparison(all) {
  /** @type {[string, (scores: StoredScores) => string][]} */
  const measures = [
    [t("accuracy"), ({ accuracy }) => percent(accuracy, 2)],
    [t("macroF1"), ({ macro_f1 }) => number(macro_f1, 4, 4)],
    [t("ece"), ({ ece }) => percent(ece, 2)],
    [t("sureWrong"), ({ certainty: it }) => (it ? `${percent(it.share_sure)} (${percent(it.error_of_sure)})` : "–")],
  ];
  all[0].per_class.forEach(({ name }, at) => measures.push([`F1: ${name}`, (one) => number(one.per_class[at].f1, 4, 4)]));
  const head = all.map(({ model }, at) => html("th", { scope: "col" }, at ? model.name : `${model.name} (${t("served")})`));
  const rows = measures.map(([name, value]) =>
    html("tr", {}, html("th", { scope: "row" }, name), ...all.map((scores) => html("td", {}, value(scores)))),
  );
  return html("table", {}, html("thead", {}, html("tr", {}, html("td"), ...head)), html("tbody", {}, ...rows));
}

/** @param {StoredScores[]} all */
function calibration(all) {
  const series = all.map(({ model, reliability }, at) => ({
    name: model.name,
    kind: KINDS[at],
    points: reliability.map(({ confidence, accuracy, count }) => [confidence, accuracy, 1.5 + 1.3 * Math.log10(count)]),
  }));
  const ideal = { name: "", kind: "grid", points: [[0, 0], [1, 1]] };
  return chart(t("accuracy"), t("calibration"), [ideal, ...series], [`${t("confidence")} 0`, "1"], 380);
}

/** @param {Card} card */
function confusion({ scores }) {
  const side = 36;
  const matrix = scores.confusion_matrix;
  const worst = Math.max(1, ...matrix.flatMap((row, digit) => row.filter((_, answer) => answer !== digit)));
  const cells = matrix.flatMap((row, digit) => [
    text(side / 2, (digit + 1.6) * side, String(digit)),
    text((digit + 1.5) * side, side * 0.6, String(digit)),
    ...row.flatMap((count, answer) => {
      const hit = digit === answer;
      const opacity = hit ? 1 : 0.75 * Math.sqrt(count / worst);
      const [x, y] = [(answer + 1) * side, (digit + 1) * side];
      const box = { x: x + 1, y: y + 1, width: side - 2, height: side - 2, rx: 4, opacity };
      const cell = svg("rect", { ...box, class: hit ? "hit" : "miss" });
      return count ? [cell, text(x + side / 2, y + side * 0.6, String(count), hit ? "on" : "off")] : [];
    }),
  ]);
  return svg("svg", { viewBox: `0 0 ${11 * side} ${11 * side}`, role: "img", "aria-label": t("confusion") }, ...cells);
}

/** @param {number} x @param {number} y @param {string} words */
function text(x, y, words, kind = "", anchor = "middle") {
  return svg("text", { x, y, "text-anchor": anchor, class: kind }, words);
}

/** @param {Card} card */
function curves({ history }) {
  return /** @type {const} */ (["accuracy", "loss"]).map((what) => {
    /** @param {"training" | "validation"} name @param {string} kind @param {"train" | "valid"} part */
    const line = (name, kind, part) => {
      const points = history.map((epoch) => [epoch.epoch, epoch[`${part}_${what}`]]);
      return { name: t(name), kind, points };
    };
    const series = [line("training", "cold", "train"), line("validation", "warm", "valid")];
    return chart(t(what), t("learning"), series, [`${t("epoch")} 1`, String(history.length)], 130);
  });
}

/** @param {number[]} values @param {number} from @param {number} to @returns {[number[], (value: number) => number]} levels, and where a value is */
function axis(values, from, to) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return [[low, (low + high) / 2, high], (value) => from + ((value - low) / (high - low || 1)) * (to - from)];
}

/** @param {string} title @param {string} label @param {Series[]} series @param {string[]} ends of the horizontal axis @param {number} height */
function chart(title, label, series, ends, height) {
  const [left, right, top] = [40, 420, 26];
  const points = series.flatMap((one) => one.points);
  const [, x] = axis(points.map(([value]) => value), left, right);
  const [levels, y] = axis(points.map(([, value]) => value), top + height, top);
  const grid = levels.flatMap((value) => [
    svg("line", { class: "grid", x1: left, x2: right, y1: y(value), y2: y(value) }),
    text(left - 6, y(value) + 4, number(value, 2), "", "end"),
  ]);
  const lines = series.flatMap(({ kind, points }) =>
    points[0]?.[2]
      ? points.map(([px, py, r]) => svg("circle", { class: kind, cx: x(px), cy: y(py), r }))
      : [svg("polyline", { class: kind, points: points.map(([px, py]) => `${x(px)},${y(py)}`).join(" ") })],
  );
  const names = series.map(({ name, kind }, at) => text(right - 90 * (series.length - 1 - at), 12, name, kind, "end"));
  return svg(
    "svg",
    { viewBox: `0 0 ${right + 8} ${top + height + 34}`, role: "img", "aria-label": `${label}: ${title}` },
    text(0, 12, title, "off", "start"),
    ...names,
    ...grid,
    ...lines,
    text(left, top + height + 18, ends[0], "", "start"),
    text(right, top + height + 18, ends[1], "", "end"),
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
