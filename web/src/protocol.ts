/** What the page and its worker say to each other. */

import type { Values, Word } from "./words";

/** What can be turned: of the distribution, then what every approach has. */
export const OF_DISTRIBUTION = ["temperature", "top_k", "vividness"] as const;
export const ADJUSTMENTS = ["strength", "warmth", "saturation", "white_balance"] as const;
export type KnobName = (typeof OF_DISTRIBUTION)[number] | (typeof ADJUSTMENTS)[number];

/** The knobs of one colorization, null for no restriction; `seed` null asks for the best guess. */
export type Setting = Record<KnobName, number | null> & { seed: number | null };

export interface Knob {
  name: KnobName;
  label: string;
  help: string;
  minimum: number;
  maximum: number;
  step: number;
  default: number | null;
}

export interface Look {
  key: string;
  title: string;
  knobs: Partial<Setting>;
}

type Defaults = Omit<Setting, "seed"> & { correlation: number; softness: number };

/** `colorizer.json` of `colorizer export`. */
export interface Description {
  format: number;
  licence: { code: string; weights: string };
  title: string;
  explanation: string;
  paper: string;
  paper_url: string;
  weights: { precision: string; sha256: string };
  files: Record<"network" | "render", { name: string; bytes: number; sha256: string }>;
  size: { short_side: number; longest_side: number; multiple_of: number; grid: number };
  hints: boolean;
  distribution: boolean;
  samples: boolean;
  bins: [number, number][];
  most_anchors: number;
  best: Defaults;
  sample: Defaults;
  knobs: Knob[];
  looks: Look[];
}

export type Backend = "wasm" | "webgpu";
export type Format = "png" | "jpeg";

/** A picture of `width` × `height` pixels, RGBA. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8ClampedArray<ArrayBuffer>;
}

export type Request =
  | { kind: "load"; job: number; backend: Backend; threads: number }
  | { kind: "open"; job: number; file: Blob; name: string; side: number }
  | { kind: "answer"; job: number; setting: Setting; side: "preview" | "thumbnail" }
  | { kind: "save"; job: number; setting: Setting; format: Format }
  /** Give up every job up to and with this one. */
  | { kind: "cancel"; job: number };

export type Step = "load" | "read" | "look" | "paint" | "write";

/** What the network runs on. */
export interface Device {
  backend: Backend;
  threads: number;
}

/** A photograph that was read. */
export interface Opened {
  width: number;
  height: number;
  preview: Pixels;
  notes: Word[];
}

export type Reply =
  | ({ kind: "loaded"; job: number; description: Description } & Device)
  | ({ kind: "opened"; job: number } & Opened & Device)
  | { kind: "answered"; job: number; picture: Pixels }
  | { kind: "saved"; job: number; blob: Blob }
  | { kind: "cancelled"; job: number }
  /** What to tell the person; `values.name` is the file's. */
  | { kind: "failed"; job: number; word: Word; values: Values }
  | { kind: "progress"; job: number; step: Step; share: number };
