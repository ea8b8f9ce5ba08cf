/**
 * The normal noise of a seed, number for number what `torch.randn` draws on a processor, so that a
 * seed gives the same picture here as in the Python product.
 */

/** MT19937 (Matsumoto & Nishimura 1998), 32 bits at a time. */
class MersenneTwister {
  private readonly state = new Uint32Array(624);
  private index = 624;

  constructor(seed: number) {
    this.state[0] = seed >>> 0;
    for (let i = 1; i < 624; i++) {
      const before = this.state[i - 1] ^ (this.state[i - 1] >>> 30);
      this.state[i] = Math.imul(before, 1812433253) + i;
    }
  }

  next(): number {
    if (this.index === 624) this.twist();
    let y = this.state[this.index++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  private twist(): void {
    const s = this.state;
    for (let i = 0; i < 624; i++) {
      const y = (s[i] & 0x80000000) | (s[(i + 1) % 624] & 0x7fffffff);
      s[i] = s[(i + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.index = 0;
  }
}

/** `count` numbers (at least 16) of a standard normal distribution. */
export function normal(count: number, seed: number): Float32Array<ArrayBuffer> {
  const random = new MersenneTwister(seed);
  const values = new Float32Array(count);
  const uniform = () => (random.next() & 0xffffff) / 0x1000000;
  for (let i = 0; i < count; i++) values[i] = uniform();
  for (let i = 0; i + 16 <= count; i += 16) boxMuller(values, i);
  if (count % 16) {
    // PyTorch draws the last sixteen anew.
    for (let i = count - 16; i < count; i++) values[i] = uniform();
    boxMuller(values, count - 16);
  }
  return values;
}

/** Sixteen uniform numbers → sixteen normal ones: eight radii with eight angles. */
function boxMuller(values: Float32Array, start: number): void {
  for (let i = start; i < start + 8; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - values[i]));
    const angle = 2 * Math.PI * values[i + 8];
    values[i] = radius * Math.cos(angle);
    values[i + 8] = radius * Math.sin(angle);
  }
}

/**
 * Places of a grid that noise is drawn at, counted row by row: every second one in both
 * directions, fewer on large grids, all where the noise is finer than that.
 */
export function anchors(
  height: number,
  width: number,
  correlation: number,
  most: number,
): Int32Array<ArrayBuffer> {
  const sigma = (correlation * Math.min(height, width)) / Math.SQRT2;
  const stride = Math.max(2, Math.ceil(Math.sqrt((height * width) / most)));
  const first = Math.floor(stride / 2);
  const places: number[] = [];
  for (let y = first; y < height; y += stride) {
    for (let x = first; x < width; x += stride) places.push(y * width + x);
  }
  const tooFar = sigma < stride && height * width <= 4 * most;
  return Int32Array.from(
    places.length === 0 || tooFar ? Array.from({ length: height * width }, (_, i) => i) : places,
  );
}
