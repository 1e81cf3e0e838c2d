// Every word of the page, in English and Spanish.

const TEXTS = {
  navigation: ["Pages", "Páginas"],
  draw: ["Draw", "Dibujar"],
  model: ["Model", "Modelo"],
  api: ["API", "API"],
  key: ["This service wants an API key", "Este servicio pide una clave de API"],
  keyUse: ["Use it", "Usarla"],
  title: ["Draw a digit", "Dibuja un dígito"],
  lead: [
    "Or several, or paste, drop or choose a picture. The network answers while you draw.",
    "O varios; o pega, arrastra o elige una imagen. La red responde mientras dibujas.",
  ],
  sheet: ["Drawing", "Dibujo"],
  paper: ["Paper to draw on", "Papel para dibujar"],
  keys: [
    "Arrows move the pen, Space sets it down or lifts it, Ctrl+Z undoes, Delete clears.",
    "Las flechas mueven el lápiz, Espacio lo baja o lo levanta, Ctrl+Z deshace, Supr borra.",
  ],
  undo: ["Undo", "Deshacer"],
  clear: ["Clear", "Borrar"],
  choose: ["Choose a picture", "Elegir imagen"],
  mode: ["Look for", "Buscar"],
  auto: ["auto", "auto"],
  digit: ["one digit", "un dígito"],
  number: ["a number", "un número"],
  answer: ["Answer", "Respuesta"],
  each: ["Digits of the number", "Dígitos del número"],
  bars: ["Probability of each digit", "Probabilidad de cada dígito"],
  think: ["See the network think", "Ver pensar a la red"],
  unthink: ["Hide the network", "Ocultar la red"],
  inside: ["Inside the network", "Dentro de la red"],
  waiting: ["Nothing drawn yet.", "Todavía no hay nada dibujado."],
  here: ["Draw here", "Dibuja aquí"],
  sure: ["Surely {text} ({percent})", "Seguro: {text} ({percent})"],
  unsure: ["Perhaps {text} ({percent})", "Quizá {text} ({percent})"],
  nothing: ["No digit found", "No se encontró ningún dígito"],
  low_confidence: ["It may also be {other}.", "También puede ser {other}."],
  unfamiliar: [
    "It is unlike the digits that the network learnt.",
    "No es como los dígitos que la red aprendió.",
  ],
  blank: ["There is no ink.", "No hay tinta."],
  low_contrast: ["The ink is faint.", "La tinta es muy tenue."],
  several_objects: ["There seems to be more than one digit.", "Parece haber más de un dígito."],
  touches_border: ["It touches the edge, so part may be cut off.", "Toca el borde; puede faltar una parte."],
  too_much_ink: ["Too much ink; part is left out.", "Demasiada tinta; falta una parte."],
  turned: ["The page was turned.", "La página se giró."],
  unsureNumber: [
    "A digit is unsure, or other readings fit.",
    "Un dígito es dudoso, o encajan otras lecturas.",
  ],
  otherReading: ["It may also be {other} ({percent}).", "También puede ser {other} ({percent})."],
  specks: ["specks", "motas"],
  lines: ["ruled lines", "líneas del papel"],
  noise: ["noise", "ruido"],
  stripes: ["stripes", "franjas"],
  surroundings: ["the desk", "la mesa"],
  printed_colour: ["a form", "un formulario"],
  shadow: ["a shadow", "una sombra"],
  removed: ["Removed: {list}.", "Eliminado: {list}."],
  seen: [
    "What the network saw: your ink in the form of its training digits. Answered in {ms} ms.",
    "Lo que vio la red: tu tinta en la forma de los dígitos con que aprendió. Respuesta en {ms} ms.",
  ],
  readIn: [
    "Choose a digit to see its probabilities. Answered in {ms} ms.",
    "Elige un dígito para ver sus probabilidades. Respuesta en {ms} ms.",
  ],
  unshown: ["Your browser cannot show this file.", "Tu navegador no puede mostrar este archivo."],
  gone: ["The service does not answer. Trying again …", "El servicio no responde. Otro intento …"],
  insideWaiting: [
    "Draw one digit to see it pass through the network.",
    "Dibuja un dígito para ver cómo pasa por la red.",
  ],
  insideMany: [
    "The network looks at one digit at a time; this is more than one.",
    "La red mira un dígito a la vez; aquí hay más.",
  ],
  insideOther: [
    "Only LeNet-5 can show its layers, and this service runs another network.",
    "Solo LeNet-5 puede mostrar sus capas; este servicio usa otra.",
  ],
  scaleUp: ["positive", "positivo"],
  scaleDown: ["negative", "negativo"],
  evidence: ["What decided", "Lo que decidió"],
  evidenceWhat: [
    "Each square is blanked in turn. Where that weakens the answer, the ink spoke for it.",
    "Se tapa cada cuadro por turno. Donde eso debilita la respuesta, la tinta hablaba a favor.",
  ],
  input: ["Input", "Entrada"],
  inputWhat: ["32 × 32 pixels", "32 × 32 píxeles"],
  conv1: ["Convolution 1", "Convolución 1"],
  conv1What: [
    "6 maps, 28 × 28. Each looks for one pattern of 5 × 5 pixels, such as an edge.",
    "6 mapas de 28 × 28. Cada uno busca un patrón de 5 × 5 píxeles, como un borde.",
  ],
  pool1: ["Pooling 1", "Agrupación 1"],
  pool1What: [
    "6 maps, 14 × 14. Means of 2 × 2: where exactly matters less.",
    "6 mapas de 14 × 14. Medias de 2 × 2: el lugar exacto importa menos.",
  ],
  conv2: ["Convolution 2", "Convolución 2"],
  conv2What: [
    "16 maps, 10 × 10. Patterns of patterns: corners, bends, ends.",
    "16 mapas de 10 × 10. Patrones de patrones: esquinas, curvas, extremos.",
  ],
  pool2: ["Pooling 2", "Agrupación 2"],
  pool2What: ["16 maps, 5 × 5", "16 mapas de 5 × 5"],
  conv3: ["Convolution 3", "Convolución 3"],
  conv3What: ["120 units that see the whole digit", "120 unidades que ven todo el dígito"],
  fc1: ["Fully connected", "Capa densa"],
  fc1What: ["84 units", "84 unidades"],
  fc2: ["Output", "Salida"],
  fc2What: ["10 logits, one for each digit. The largest wins.", "10 logits, uno por dígito. Gana el mayor."],
  modelLead: [
    "{network} with {parameters} weights. Fitted for {epochs} epochs on {date}; the best was chosen on {selected}. SHA-256 {hash}",
    "{network} con {parameters} pesos. Entrenada durante {epochs} épocas el {date}; la mejor se eligió con {selected}. SHA-256 {hash}",
  ],
  accuracy: ["accuracy", "exactitud"],
  macroF1: ["macro-F1", "macro-F1"],
  ece: ["expected calibration error", "error de calibración esperado"],
  sureWrong: ["sure answers (of those wrong)", "respuestas seguras (erróneas)"],
  measured: [
    "Measured on {on}; sure answers on distorted digits, which are harder.",
    "Medido con {on}; las respuestas seguras, con dígitos deformados, más difíciles.",
  ],
  served: ["served", "en uso"],
  comparison: ["The shipped weights", "Los pesos incluidos"],
  calibration: ["Calibration", "Calibración"],
  calibrationWhat: [
    "How often answers of each confidence are right: on the diagonal, as often as they say. Larger dots, more answers.",
    "Cuánto aciertan las respuestas de cada confianza: en la diagonal, tanto como dicen. Punto grande, más respuestas.",
  ],
  confidence: ["confidence", "confianza"],
  confusion: ["Confusion matrix", "Matriz de confusión"],
  confusionWhat: ["Rows: true digits. Columns: answers.", "Filas: dígitos verdaderos. Columnas: respuestas."],
  learning: ["Learning curves", "Curvas de aprendizaje"],
  loss: ["loss", "pérdida"],
  training: ["training", "entrenamiento"],
  validation: ["validation", "validación"],
  epoch: ["epoch", "época"],
  recipe: ["Recipe", "Receta"],
};

const LANGUAGES = /** @type {const} */ ([
  ["en", "English"],
  ["es", "Español"],
]);
const STORED = "lenet-language";

/** @typedef {keyof typeof TEXTS} Key */

/** Which language is shown: the one chosen before, or the first that the browser asks for (its Accept-Language). */
let chosen = preferred();

function preferred() {
  const wanted = [localStorage.getItem(STORED) ?? "", ...navigator.languages].map((name) => name.slice(0, 2));
  const known = wanted.map((name) => LANGUAGES.findIndex(([code]) => code === name));
  return known.find((at) => at >= 0) ?? 0;
}

const code = () => LANGUAGES[chosen][0];

/** @param {Key} key @param {Record<string, string | number>} [values] put in the places of their {names} */
export function t(key, values = {}) {
  return TEXTS[key][chosen].replace(/{(\w+)}/g, (_, name) => String(values[name]));
}

/** @param {number} share @param {number} [digits] */
export function percent(share, digits = 1) {
  const format = new Intl.NumberFormat(code(), { style: "percent", maximumFractionDigits: digits });
  const most = 1 - 10 ** -(digits + 2);
  return share > most && share < 1 ? `> ${format.format(most)}` : format.format(share);
}

/** @param {number} value @param {number} [digits] @param {number} [least] digits, of which zeros at the end stay */
export function number(value, digits = 4, least = 0) {
  const format = { maximumFractionDigits: digits, minimumFractionDigits: least };
  return new Intl.NumberFormat(code(), format).format(value);
}

/** @param {string[]} words */
export function list(words) {
  return new Intl.ListFormat(code()).format(words);
}

/** Say the page's fixed words in the language. */
export function translate() {
  document.documentElement.lang = code();
  for (const element of document.querySelectorAll("[data-t]")) {
    element.textContent = t(/** @type {Key} */ (element.getAttribute("data-t")));
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", t(/** @type {Key} */ (element.getAttribute("data-label"))));
  }
}

/** Change to the other language. */
export function switchLanguage() {
  chosen = 1 - chosen;
  localStorage.setItem(STORED, code());
}

/** @returns the code and the name of the language that a switch leads to */
export function otherLanguage() {
  return LANGUAGES[1 - chosen];
}
