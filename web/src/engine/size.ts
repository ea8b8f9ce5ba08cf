/** The sizes that the network sees and that the page shows. */

import type { Description } from "../protocol";

export interface Size {
  width: number;
  height: number;
}

/** Python's `round`: halves go to the even number. */
export function round(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** What the network sees of a photograph: sides it can divide, near the photograph's shape. */
export function workingSize({ width, height }: Size, rules: Description["size"]): Size {
  const scale = rules.short_side / Math.min(width, height);
  const side = (length: number) => {
    const scaled = Math.min(round(length * scale), rules.longest_side);
    return Math.max(rules.multiple_of, round(scaled / rules.multiple_of) * rules.multiple_of);
  };
  return { width: side(width), height: side(height) };
}

/** The photograph's size, with a longer side of at most `most`. */
export function within({ width, height }: Size, most: number): Size {
  const scale = Math.min(1, most / Math.max(width, height));
  const side = (length: number) => Math.max(1, round(length * scale));
  return { width: side(width), height: side(height) };
}
