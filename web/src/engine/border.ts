/** The plain paper around a print, which has no colour to guess: `colorizer.images.border`. */

import type { Description } from "../protocol";
import type { Size } from "./size";

/** 1 where the border of a print lies, 0 elsewhere; all 0 if there is none. */
export function paperBorder(
  light: Float32Array,
  { width, height }: Size,
  rules: Description["border"],
): Float32Array<ArrayBuffer> {
  const border = new Float32Array(width * height);
  const paper = median(ring(light, width, height));
  const differs = (x: number, y: number) => Math.abs(light[y * width + x] - paper) > rules.tolerance;
  const across = (y: number) => (i: number) => differs(i, y);
  const down = (x: number) => (i: number) => differs(x, i);
  const sides = {
    top: plainLines(height, width, (y) => across(y), rules.plain),
    bottom: plainLines(height, width, (y) => across(height - 1 - y), rules.plain),
    left: plainLines(width, height, (x) => down(x), rules.plain),
    right: plainLines(width, height, (x) => down(width - 1 - x), rules.plain),
  };
  const fits = (thickness: number, side: number) =>
    thickness >= Math.max(2, rules.thinnest * side) && thickness <= rules.thickest * side;
  if (!fits(sides.top, height) || !fits(sides.bottom, height)) return border;
  if (!fits(sides.left, width) || !fits(sides.right, width)) return border;

  const [x0, x1, y0, y1] = [sides.left, width - sides.right, sides.top, height - sides.bottom];
  /** Share of places along an edge with something else in one of its three lines. */
  const edge = (from: number, to: number, something: (i: number) => boolean) => {
    let count = 0;
    for (let i = from; i < to; i++) count += Number(something(i));
    return count / (to - from);
  };
  const three = (a: number, b: number, from: number) =>
    [0, 1, 2].map((i) => from + i).filter((i) => i >= a && i < b);
  const rows = [three(y0, y1, y0), three(y0, y1, y1 - 3)];
  const columns = [three(x0, x1, x0), three(x0, x1, x1 - 3)];
  const ends =
    rows.every((ys) => edge(x0, x1, (x) => ys.some((y) => differs(x, y))) >= rules.edge) &&
    columns.every((xs) => edge(y0, y1, (y) => xs.some((x) => differs(x, y))) >= rules.edge);
  if (!ends) return border;
  border.fill(1);
  for (let y = y0; y < y1; y++) border.fill(0, y * width + x0, y * width + x1);
  return border;
}

function ring(light: Float32Array, width: number, height: number): number[] {
  const values: number[] = [];
  for (let x = 0; x < width; x++) values.push(light[x], light[(height - 1) * width + x]);
  for (let y = 1; y < height - 1; y++) values.push(light[y * width], light[(y + 1) * width - 1]);
  return values;
}

function median(values: number[]): number {
  const sorted = Float32Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : Math.fround((sorted[middle - 1] + sorted[middle]) / 2);
}

/** Number of lines from the first one on that are paper nearly everywhere. */
function plainLines(
  lines: number,
  length: number,
  line: (index: number) => (i: number) => boolean,
  plain: number,
): number {
  for (let index = 0; index < lines; index++) {
    const differs = line(index);
    let count = 0;
    for (let i = 0; i < length; i++) count += Number(differs(i));
    if (count / length > 1 - plain) return index;
  }
  return lines;
}
