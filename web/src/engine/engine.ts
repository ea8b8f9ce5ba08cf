/** The way of a photograph: file → lightness → network, then an answer as often as one likes. */

import { ADJUSTMENTS, type Description, type Format, type Pixels } from "../protocol";
import type { Setting, Step } from "../protocol";
import { paperBorder } from "./border";
import { exifOf } from "./exif";
import { JpegWriter, PngWriter, SIMULATED, type Writer } from "./files";
import { Lightness, Resizer } from "./lightness";
import { anchors, normal } from "./noise";
import type { Feeds, Graphs } from "./runtime";
import { type Size, within, workingSize } from "./size";
import { Source } from "./source";

type Tensor = Feeds[string];

/** Pixels worked on at a time: a processor's cache holds them, and a cancel waits no longer. */
const BAND = 1 << 17;
const THUMBNAIL = 320;

/** Called between bands; throws if the job was given up. */
export type Tick = (step: Step, share: number) => Promise<void>;

interface Plane extends Size {
  light: Float32Array<ArrayBuffer>;
}

interface Opened {
  file: Blob;
  name: string;
  source: Source;
  transparent: boolean;
  working: Plane;
  border: Float32Array<ArrayBuffer>;
  preview: Plane;
  thumbnail: Plane;
  output: Tensor;
}

export class Engine {
  private opened: Opened | null = null;
  private readonly lightness: Lightness;
  /** The planes of the latest answers, by their settings: a save needs no second decoding. */
  private readonly planes = new Map<string, Tensor>();

  constructor(private readonly graphs: Graphs) {
    this.lightness = new Lightness(this.description.luminance);
  }

  get description(): Description {
    return this.graphs.description;
  }

  /** Read a photograph and let the network look at it.  Returns the preview in grey. */
  async open(file: Blob, name: string, side: number, tick: Tick): Promise<Size & { grey: Pixels }> {
    await tick("read", 0);
    const source = await Source.open(file, name);
    try {
      const seen = workingSize(source, this.description.size);
      const preview = within(source, side);
      const resizers = [seen, preview, within(preview, THUMBNAIL)].map(
        (to) => new Resizer(source.width, source.height, to.width, to.height),
      );
      let transparent = false;
      for (const [y, rows] of bands(source)) {
        await tick("read", y / source.height);
        const rgba = source.rows(y, rows);
        transparent ||= isTransparent(rgba);
        const light = this.lightness.of(rgba);
        for (const resizer of resizers) resizer.add(light);
      }
      const [working, shown, small] = resizers.map(finished);
      await tick("look", 0);
      const output = await this.look(working);
      await tick("look", 1);
      this.close();
      const border = paperBorder(working.light, working, this.description.border);
      this.opened = {
        ...{ file, name, source, transparent, working, border, output },
        ...{ preview: shown, thumbnail: small },
      };
    } catch (error) {
      source.close();
      throw error;
    }
    const { width, height, light } = this.opened.preview;
    const grey = { width, height, data: this.lightness.shown(light) };
    return { width: source.width, height: source.height, grey };
  }

  /** Run everything once on a small grey picture: browsers make code fast while it runs. */
  async warmUp(): Promise<void> {
    const side = 2 * this.description.size.multiple_of;
    const plane = { width: side, height: side, light: new Float32Array(side ** 2).fill(50) };
    const border = new Float32Array(side ** 2);
    const output = await this.look(plane);
    const planes = await this.fit({ ...this.description.best, seed: null }, plane, border, output);
    await this.render(planes, plane.light, 0, side, plane);
  }

  close(): void {
    this.opened?.source.close();
    this.opened = null;
    this.planes.clear();
  }

  /** An answer at the size of the preview or of a thumbnail. */
  async answer(setting: Setting, side: "preview" | "thumbnail", tick: Tick): Promise<Pixels> {
    return this.paint(await this.planesOf(setting), this.current[side], tick);
  }

  /** An answer at the photograph's own size, as a file. */
  async save(setting: Setting, format: Format, tick: Tick): Promise<Blob> {
    const { source, transparent, file } = this.current;
    const planes = await this.planesOf(setting);
    const about = {
      ...{ width: source.width, height: source.height, transparent },
      exif: await exifOf(file),
      note: `${SIMULATED} Made by colorizer in a browser, method ${this.description.title}.`,
    };
    const writer: Writer = format === "png" ? new PngWriter(about) : new JpegWriter(about);
    for (const [y, rows] of bands(source)) {
      await tick("paint", y / source.height);
      const rgba = source.rows(y, rows);
      const band = await this.render(planes, this.lightness.of(rgba), y, rows, source);
      if (transparent) for (let p = 3; p < rgba.length; p += 4) band[p] = rgba[p];
      await writer.add(band);
    }
    await tick("write", 1);
    return writer.finish();
  }

  private get current(): Opened {
    if (!this.opened) throw new Error("No photograph is open.");
    return this.opened;
  }

  private look({ light, width, height }: Plane): Promise<Tensor> {
    const { tensor } = this.graphs;
    const feeds: Feeds = { lightness: tensor(light, [1, 1, height, width]) };
    if (this.description.hints) {
      feeds.hints = tensor(new Float32Array(3 * width * height), [1, 3, height, width]);
    }
    return this.graphs.network(feeds);
  }

  /** The planes of the guided filter for one setting of the open photograph. */
  private async planesOf(setting: Setting): Promise<Tensor> {
    const key = JSON.stringify(setting);
    const known = this.planes.get(key);
    if (known) return known;
    const { working, border, output } = this.current;
    const planes = await this.fit(setting, working, border, output);
    if (this.planes.size >= 12) this.planes.delete(this.planes.keys().next().value!);
    this.planes.set(key, planes);
    return planes;
  }

  private fit(
    setting: Setting,
    { width, height, light }: Plane,
    border: Float32Array<ArrayBuffer>,
    output: Tensor,
  ): Promise<Tensor> {
    const { tensor } = this.graphs;
    const number = (value: number) => tensor(Float32Array.of(value), []);
    const feeds: Feeds = {
      output,
      lightness: tensor(light, [1, 1, height, width]),
      border: tensor(border, [height, width]),
    };
    for (const name of ADJUSTMENTS) feeds[name] = number(setting[name] ?? 0);
    if (this.description.distribution) {
      const bins = this.description.bins.length;
      const { softness, correlation } =
        setting.seed === null ? this.description.best : this.description.sample;
      const { grid } = this.description.size;
      const places =
        setting.seed === null
          ? Int32Array.of(0)
          : anchors(height / grid, width / grid, correlation, this.description.most_anchors);
      const noise =
        setting.seed === null
          ? new Float32Array(bins)
          : normal(places.length * bins, setting.seed);
      feeds.temperature = number(setting.temperature ?? 1);
      feeds.vividness = number(setting.vividness ?? 0);
      feeds.softness = number(softness);
      feeds.correlation = number(correlation);
      feeds.top_k = tensor(Int32Array.of(setting.top_k ?? bins), []);
      feeds.noise = tensor(noise, [places.length, bins]);
      feeds.anchors = tensor(places, [places.length]);
    }
    return this.graphs.decode(feeds);
  }

  private async paint(planes: Tensor, plane: Plane, tick: Tick): Promise<Pixels> {
    const { width, height, light } = plane;
    const data = new Uint8ClampedArray(4 * width * height);
    for (const [y, rows] of bands(plane)) {
      await tick("paint", y / height);
      const part = light.subarray(y * width, (y + rows) * width);
      data.set(await this.render(planes, part, y, rows, plane), 4 * y * width);
    }
    return { width, height, data };
  }

  /** RGBA of a band of rows. */
  private async render(
    planes: Tensor,
    light: Float32Array<ArrayBuffer>,
    y: number,
    rows: number,
    { width, height }: Size,
  ): Promise<Uint8ClampedArray<ArrayBuffer>> {
    const { tensor } = this.graphs;
    const pixels = await this.graphs.render({
      planes,
      lightness: tensor(light, [rows, width]),
      first_row: tensor(Int32Array.of(y), []),
      height: tensor(Int32Array.of(height), []),
    });
    const packed = pixels.data as Int32Array<ArrayBuffer>;
    return new Uint8ClampedArray(packed.buffer, packed.byteOffset, packed.byteLength);
  }
}

/** First row and number of rows of every band. */
function* bands({ width, height }: Size): Generator<[number, number]> {
  const rows = Math.max(1, Math.floor(BAND / width));
  for (let y = 0; y < height; y += rows) yield [y, Math.min(rows, height - y)];
}

function finished(resizer: Resizer): Plane {
  return { width: resizer.toWidth, height: resizer.toHeight, light: resizer.finish() };
}

function isTransparent(rgba: Uint8ClampedArray): boolean {
  for (let p = 3; p < rgba.length; p += 4) if (rgba[p] !== 255) return true;
  return false;
}
