// What the service answers, as docs/reference/http.md describes it. For the type checker; it is not served.

export interface Box { x: number; y: number; width: number; height: number }
export interface Source { format: string; width: number; height: number }
export type Reason = "low_confidence" | "unfamiliar" | "blank";
export type Warning = "blank" | "low_contrast" | "several_objects" | "touches_border";
export type Removed = "specks" | "lines" | "noise" | "stripes" | "surroundings" | "printed_colour";

export interface Digit { digit: number; confidence: number; probabilities: number[]; unsure: boolean; reasons: Reason[] }

export interface Quantised { shape: number[]; range: [number, number]; values: string }
export interface Layer extends Quantised {
  name: "input" | "conv1" | "pool1" | "conv2" | "pool2" | "conv3" | "fc1" | "fc2";
}

export interface Prediction extends Digit {
  preprocessing: { box: Box | null; flattened: boolean; removed: Removed[]; source: Source };
  warnings: Warning[];
  image: string;
  layers?: Layer[];
  occlusion?: Quantised;
}

export interface ReadDigit extends Digit { box: Box; line: number }
export interface Reading {
  text: string;
  digits: ReadDigit[];
  lines: { text: string; alternatives: { text: string; probability: number }[] }[];
  rejected: Box[];
  confidence: number;
  unsure: boolean;
  warnings: ("too_much_ink" | "turned")[];
  source: Source;
}

export interface Card {
  name: string;
  architecture: string;
  parameters: number;
  weights_sha256: string;
  recipe: Record<string, unknown>;
  seed: number;
  device: string;
  date: string;
  selected_on: string;
  history: { epoch: number; train_loss: number; valid_loss: number; train_accuracy: number; valid_accuracy: number }[];
  scores: { evaluated_on: string; confusion_matrix: number[][] };
}

export interface StoredScores {
  model: { name: string; hash: string };
  accuracy: number;
  macro_f1: number;
  ece: number;
  reliability: { confidence: number; accuracy: number; count: number }[];
  certainty: { error_of_sure: number; share_sure: number } | null;
  per_class: { name: string; f1: number }[];
}

export interface Metrics extends StoredScores { others: StoredScores[] }
