// node colorize.mjs MODEL photo.png color.png     (MODEL: the folder of `colorizer export`)
import { readFileSync, writeFileSync } from "node:fs";
import * as ort from "onnxruntime-web"; // or onnxruntime-node: the same calls, several times as fast
import { PNG } from "pngjs";

const [model, input, output] = process.argv.slice(2);
const about = JSON.parse(readFileSync(`${model}/colorizer.json`));
const F = (data, ...shape) => new ort.Tensor("float32", Float32Array.from(data), shape);
const I = (data, ...shape) => new ort.Tensor("int32", Int32Array.from(data), shape);
const run = async (graph, feeds) =>
  Object.values(await (await ort.InferenceSession.create(readFileSync(`${model}/${graph}.onnx`))).run(feeds))[0];

// Lightness of every pixel (CIE 15:2004): all that the graphs do not know of colour.
const { width, height, data } = PNG.sync.read(readFileSync(input));
const linear = (c) => (c > 0.04045 ? ((c + 0.055) / 1.055) ** 2.4 : c / 12.92);
const light = Float32Array.from({ length: width * height }, (_, i) => {
  const y = about.luminance.reduce((sum, w, c) => sum + w * linear(data[4 * i + c] / 255), 0);
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
});
// The network sees a small copy whose sides it can divide; pixels are averaged (Lanczos is better).
const { short_side, longest_side, multiple_of } = about.size;
const [w, h] = [width, height].map((side) => {
  const scaled = Math.min((side * short_side) / Math.min(width, height), longest_side);
  return Math.max(multiple_of, Math.round(scaled / multiple_of) * multiple_of);
});
const small = Float32Array.from({ length: w * h }, (_, i) => {
  const [x0, y0] = [((i % w) * width) / w, (Math.floor(i / w) * height) / h];
  let [sum, count] = [0, 0];
  for (let y = Math.floor(y0); y < y0 + height / h; y++)
    for (let x = Math.floor(x0); x < x0 + width / w; x++) [sum, count] = [sum + light[y * width + x], count + 1];
  return sum / count;
});
const feeds = { lightness: F(small, 1, 1, h, w), ...(about.hints && { hints: F(new Float32Array(3 * w * h), 1, 3, h, w) }) };
const knobs = Object.fromEntries(Object.entries(about.best).map(([name, v]) => [name, F([v ?? 0])]));
const bins = about.bins.length; // the best guess: all bins, no noise, no paper border
const guess = { ...knobs, top_k: I([bins]), noise: F(new Float32Array(bins), 1, bins), anchors: I([0], 1), border: F(new Float32Array(w * h), h, w) };
const planes = await run("decode", { ...guess, lightness: feeds.lightness, output: await run("network", feeds) });
const pixels = await run("render", { planes, lightness: F(light, height, width), first_row: I([0]), height: I([height]) });
const png = new PNG({ width, height });
png.data = Buffer.from(pixels.data.buffer, pixels.data.byteOffset, 4 * width * height);
writeFileSync(output, PNG.sync.write(png));
process.exit(0);
