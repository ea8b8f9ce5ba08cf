/** sRGB bytes → L* (CIE 15:2004), and L* at other sizes. */

const LINEAR_BELOW = 0.008856;
const SLOPE = 7.787;
const OFFSET = 16 / 116;

function linear(code: number): number {
  const value = code / 255;
  return value > 0.04045 ? ((value + 0.055) / 1.055) ** 2.4 : value / 12.92;
}

function ofLuminance(y: number): number {
  return 116 * (y > LINEAR_BELOW ? Math.cbrt(y) : SLOPE * y + OFFSET) - 16;
}

/** L* of pixels by tables; `weights`: luminance of linear red, green and blue. */
export class Lightness {
  private readonly tables: Float32Array[];
  private readonly grey = new Float32Array(256);
  /** The nearest grey of every hundredth of L*. */
  private readonly codes = new Uint8Array(10_001);

  constructor(weights: [number, number, number]) {
    this.tables = weights.map((w) => Float32Array.from({ length: 256 }, (_, i) => w * linear(i)));
    for (let i = 0; i < 256; i++) this.grey[i] = ofLuminance(linear(i));
    for (let i = 0, code = 0; i < this.codes.length; i++) {
      while (code < 255 && (this.grey[code] + this.grey[code + 1]) / 2 < i / 100) code++;
      this.codes[i] = code;
    }
  }

  /** RGBA (n · 4) → L* (n), 0…100. */
  of(rgba: Uint8ClampedArray): Float32Array<ArrayBuffer> {
    const result = new Float32Array(rgba.length / 4);
    const [red, green, blue] = this.tables;
    for (let i = 0, p = 0; i < result.length; i++, p += 4) {
      const r = rgba[p];
      const g = rgba[p + 1];
      const b = rgba[p + 2];
      result[i] =
        r === g && g === b
          ? this.grey[r]
          : Math.min(100, ofLuminance(red[r] + green[g] + blue[b]));
    }
    return result;
  }

  /** L* (n) → grey RGBA (n · 4), for showing. */
  shown(light: Float32Array): Uint8ClampedArray<ArrayBuffer> {
    const result = new Uint8ClampedArray(4 * light.length).fill(255);
    for (let i = 0; i < light.length; i++) {
      result.fill(this.codes[Math.round(100 * light[i])], 4 * i, 4 * i + 3);
    }
    return result;
  }
}

/**
 * A plane that arrives in bands of rows → the same plane at another size, by Lanczos after whole
 * factors are averaged away: Pillow's `resize(…, LANCZOS, reducing_gap=3)`, sum for sum.
 */
export class Resizer {
  private readonly factorX: number;
  private readonly factorY: number;
  private readonly reducedWidth: number;
  private readonly sums: Float64Array;
  private readonly reduced: Float32Array;
  private row = 0;

  constructor(
    private readonly width: number,
    private readonly height: number,
    readonly toWidth: number,
    readonly toHeight: number,
  ) {
    this.factorX = Math.max(1, Math.floor(width / toWidth / 3));
    this.factorY = Math.max(1, Math.floor(height / toHeight / 3));
    this.reducedWidth = Math.ceil(width / this.factorX);
    this.sums = new Float64Array(this.reducedWidth);
    this.reduced = new Float32Array(this.reducedWidth * Math.ceil(height / this.factorY));
  }

  /** The next rows. */
  add(band: Float32Array): void {
    const { width, factorX, factorY, reducedWidth } = this;
    for (let start = 0; start < band.length; start += width) {
      for (let x = 0, to = 0; x < width; to++) {
        const end = Math.min(x + factorX, width);
        let sum = 0;
        for (; x < end; x++) sum += band[start + x];
        this.sums[to] += sum;
      }
      this.row++;
      const inBlock = (this.row - 1) % factorY;
      if (inBlock === factorY - 1 || this.row === this.height) {
        const at = Math.floor((this.row - 1) / factorY) * reducedWidth;
        for (let x = 0; x < reducedWidth; x++) {
          const columns = Math.min(factorX, width - x * factorX);
          this.reduced[at + x] = this.sums[x] / (columns * (inBlock + 1));
        }
        this.sums.fill(0);
      }
    }
  }

  /** L* (toHeight · toWidth), within 0…100. */
  finish(): Float32Array<ArrayBuffer> {
    const { reducedWidth, toWidth, toHeight } = this;
    if (toWidth === this.width && toHeight === this.height) return this.reduced.slice();
    const rows = this.reduced.length / reducedWidth;
    const across = weights(reducedWidth, this.width / this.factorX, toWidth);
    const down = weights(rows, this.height / this.factorY, toHeight);
    const wide = new Float32Array(rows * toWidth);
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < toWidth; x++) {
        const { first, values } = across[x];
        let sum = 0;
        for (let i = 0; i < values.length; i++) {
          sum += this.reduced[y * reducedWidth + first + i] * values[i];
        }
        wide[y * toWidth + x] = sum;
      }
    }
    const result = new Float32Array(toHeight * toWidth);
    const line = new Float64Array(toWidth);
    for (let y = 0; y < toHeight; y++) {
      const { first, values } = down[y];
      line.fill(0);
      for (let i = 0; i < values.length; i++) {
        const at = (first + i) * toWidth;
        for (let x = 0; x < toWidth; x++) line[x] += wide[at + x] * values[i];
      }
      for (let x = 0; x < toWidth; x++) {
        result[y * toWidth + x] = Math.min(100, Math.max(0, line[x]));
      }
    }
    return result;
  }
}

/** For every new sample the old ones it is made of.  `extent` of the `count` old ones count. */
function weights(count: number, extent: number, after: number) {
  const scale = extent / after;
  const stretch = Math.max(1, scale);
  return Array.from({ length: after }, (_, i) => {
    const center = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - 3 * stretch + 0.5));
    const last = Math.min(count, Math.trunc(center + 3 * stretch + 0.5));
    const values = new Float64Array(last - first);
    let sum = 0;
    for (let k = first; k < last; k++) {
      sum += values[k - first] = lanczos((k - center + 0.5) / stretch);
    }
    return { first, values: values.map((v) => v / sum) };
  });
}

function lanczos(x: number): number {
  return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
