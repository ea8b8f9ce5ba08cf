// node colorize.mjs MODEL photo.png color.png     (MODEL: the folder of `colorizer export`)
import { readFileSync, writeFileSync } from "node:fs";
import * as ort from "onnxruntime-web"; // or onnxruntime-node: the same calls, several times as fast
import { PNG } from "pngjs";

const [model, input, output] = process.argv.slice(2);
const about = JSON.parse(readFileSync(`${model}/colorizer.json`));
const T = (type, Kind) => (data, ...shape) => new ort.Tensor(type, Kind.from(data), shape);
const [F, I, B] = [T("float32", Float32Array), T("int32", Int32Array), T("uint8", Uint8Array)];
const run = async (graph, feeds) => {
  const session = await ort.InferenceSession.create(readFileSync(`${model}/${graph}.onnx`));
  return session.run(Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]])));
};

// What the network sees: sides it can divide, made from a copy of at most six times that size.
const { width, height, data } = PNG.sync.read(readFileSync(input));
const { short_side, longest_side, multiple_of } = about.size;
const [w, h] = [width, height].map((side) => {
  const scaled = Math.min((side * short_side) / Math.min(width, height), longest_side);
  return Math.max(multiple_of, Math.round(scaled / multiple_of) * multiple_of);
});
const step = Math.max(1, Math.floor(Math.min(width / w, height / h) / 3)); // averages are better
const [columns, rows] = [Math.ceil(width / step), Math.ceil(height / step)];
const from = (i) => 4 * step * (width * Math.floor(i / 4 / columns) + (Math.floor(i / 4) % columns));
const copy = Uint8Array.from({ length: 4 * rows * columns }, (_, i) => data[from(i) + (i % 4)]);
const small = { pixels: B(copy, rows, columns, 4), extent: F([height / step, width / step], 2) };
const sees = { size: I([h, w], 2), hints: F(new Float32Array(3 * w * h), 1, 3, h, w) };
const seen = await run("network", { ...small, ...sees });

// The best guess: all bins, no noise.  A large photograph goes through in bands of rows.
const bins = about.bins.length;
const knobs = Object.fromEntries(Object.entries(about.best).map(([name, v]) => [name, F([v ?? 0])]));
const guess = { ...knobs, top_k: I([bins]), noise: F(Array(bins).fill(0), 1, bins), anchors: I([0], 1) };
const band = { photograph: B(data, height, width, 4), first_row: I([0]), height: I([height]) };
const none = { known_planes: F(Array(8).fill(0), 8, 1, 1) };
const { data: color } = (await run("render", { ...seen, ...guess, ...band, ...none })).pixels;
const png = Object.assign(new PNG({ width, height }), { data: Buffer.from(color.buffer, color.byteOffset) });
writeFileSync(output, PNG.sync.write(png));
process.exit(0);
