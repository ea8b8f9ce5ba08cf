// node colorize.mjs MODEL photo.png color.png     (MODEL: the folder of `colorizer export`)
import { readFileSync, writeFileSync } from "node:fs";
import * as ort from "onnxruntime-web"; // or onnxruntime-node: the same calls, several times as fast
import { PNG } from "pngjs";

const [model, input, output] = process.argv.slice(2);
const about = JSON.parse(readFileSync(`${model}/colorizer.json`));
const F = (data, ...shape) => new ort.Tensor("float32", Float32Array.from(data), shape);
const I = (data, ...shape) => new ort.Tensor("int32", Int32Array.from(data), shape);
const B = (data, ...shape) => new ort.Tensor("uint8", Uint8Array.from(data), shape);
const load = (graph) => ort.InferenceSession.create(readFileSync(`${model}/${graph}.onnx`));

// What the network sees: sides it can divide, made from a copy of at most six times that size.
const { width, height, data } = PNG.sync.read(readFileSync(input));
const { short_side, longest_side, multiple_of } = about.size;
const [w, h] = [width, height].map((side) => {
  const scaled = Math.min((side * short_side) / Math.min(width, height), longest_side);
  return Math.max(multiple_of, Math.round(scaled / multiple_of) * multiple_of);
});
const step = Math.max(1, Math.floor(Math.min(width / w, height / h) / 3)); // averages are better
const [columns, rows] = [Math.ceil(width / step), Math.ceil(height / step)];
const copy = Uint8Array.from({ length: 4 * rows * columns }, (_, i) => {
  const [y, x] = [Math.floor(i / 4 / columns) * step, (Math.floor(i / 4) % columns) * step];
  return data[4 * (y * width + x) + (i % 4)];
});
const hints = about.hints && { hints: F(new Float32Array(3 * w * h), 1, 3, h, w) };
const pixels = { pixels: B(copy, rows, columns, 4), extent: F([height / step, width / step], 2) };
const seen = await (await load("network")).run({ ...pixels, size: I([h, w], 2), ...hints });

// The best guess: all bins, no noise.  A large photograph goes through in bands of rows.
const knobs = Object.fromEntries(Object.entries(about.best).map(([name, v]) => [name, F([v ?? 0])]));
const bins = about.bins.length;
const guess = { ...knobs, top_k: I([bins]), noise: F(new Float32Array(bins), 1, bins), anchors: I([0], 1) };
const band = { photograph: B(data, height, width, 4), first_row: I([0]), height: I([height]) };
const none = { known_planes: F(new Float32Array(8), 8, 1, 1) };
const color = (await (await load("render")).run({ ...seen, ...guess, ...band, ...none })).pixels;
const png = new PNG({ width, height });
png.data = Buffer.from(color.data.buffer, color.data.byteOffset, 4 * width * height);
writeFileSync(output, PNG.sync.write(png));
process.exit(0);
