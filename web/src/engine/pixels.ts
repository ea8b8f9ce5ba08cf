/** Bytes of pixels: RGBA, row by row. */

import type { Size } from "./size";

/** A picture that arrives in bands of rows → a smaller one, whole blocks of pixels averaged. */
export class Average implements Size {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  private readonly sums: Uint32Array;
  private row = 0;

  constructor(
    private readonly full: Size,
    private readonly across: number,
    private readonly down: number,
  ) {
    this.width = Math.ceil(full.width / across);
    this.height = Math.ceil(full.height / down);
    this.bytes = new Uint8Array(4 * this.width * this.height);
    this.sums = new Uint32Array(4 * this.width);
  }

  /** Rows and columns of this that the picture covers: the last block may be there in part. */
  get extent(): [number, number] {
    return [this.full.height / this.down, this.full.width / this.across];
  }

  /** The next rows. */
  add(rgba: Uint8ClampedArray): void {
    const { across, down, full, sums } = this;
    for (let start = 0; start < rgba.length; start += 4 * full.width) {
      if (across === 1 && down === 1) {
        this.bytes.set(rgba.subarray(start, start + 4 * full.width), 4 * full.width * this.row++);
        continue;
      }
      const end = start + 4 * full.width;
      for (let p = start, to = 0; p < end; to += 4) {
        let [red, green, blue] = [0, 0, 0];
        for (const last = Math.min(p + 4 * across, end); p < last; p += 4) {
          red += rgba[p];
          green += rgba[p + 1];
          blue += rgba[p + 2];
        }
        sums[to] += red;
        sums[to + 1] += green;
        sums[to + 2] += blue;
      }
      this.row++;
      if (this.row % down === 0 || this.row === full.height) this.finishRow();
    }
  }

  private finishRow(): void {
    const { across, down, full, sums, width } = this;
    const at = Math.floor((this.row - 1) / down);
    const rows = this.row - at * down;
    for (let x = 0; x < width; x++) {
      const count = rows * Math.min(across, full.width - x * across);
      const to = 4 * (at * width + x);
      for (let c = 0; c < 3; c++) this.bytes[to + c] = sums[4 * x + c] / count + 0.5;
    }
    sums.fill(0);
  }
}

export function isTransparent(rgba: Uint8ClampedArray): boolean {
  for (let p = 3; p < rgba.length; p += 4) if (rgba[p] !== 255) return true;
  return false;
}

/** What is clear shows white paper. */
export function onWhite(rgba: Uint8ClampedArray): void {
  for (let p = 0; p < rgba.length; p += 4) {
    const alpha = rgba[p + 3] / 255;
    for (let c = p; c < p + 3; c++) rgba[c] = rgba[c] * alpha + 255 * (1 - alpha);
    rgba[p + 3] = 255;
  }
}
