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
// What the network sees: sides that it can divide.
const { width, height, data } = PNG.sync.read(readFileSync(input));
const { short_side, longest_side, multiple_of } = about.size;
const [w, h] = [width, height].map((side) => {
  const scaled = Math.min((side * short_side) / Math.min(width, height), longest_side);
  return Math.max(multiple_of, Math.round(scaled / multiple_of) * multiple_of);
});
const whole = B(data, height, width, 4);
const sees = { pixels: whole, extent: F([height, width], 2), size: I([h, w], 2) };
const seen = await run("network", { ...sees, hints: F(new Float32Array(3 * w * h), 1, 3, h, w) });
// The best guess: all bins, no noise.  A large photograph goes through in bands of rows.
const bins = about.bins.length;
const knobs = Object.fromEntries(Object.entries(about.best).map(([name, v]) => [name, F([v ?? 0])]));
const guess = { ...knobs, top_k: I([bins]), noise: F(Array(bins).fill(0), 1, bins), anchors: I([0], 1) };
const band = { photograph: whole, first_row: I([0]), height: I([height]) };
const before = { known_planes: F(Array(8).fill(0), 8, 1, 1) }; // nothing: it is the first band
const { pixels } = await run("render", { ...seen, ...guess, ...band, ...before });
const color = Buffer.from(pixels.data.buffer, pixels.data.byteOffset);
writeFileSync(output, PNG.sync.write(Object.assign(new PNG({ width, height }), { data: color })));
process.exit();
