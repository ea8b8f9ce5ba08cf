/** The way of a photograph: file → pixels → network, then an answer as often as one likes. */

import { ADJUSTMENTS, type Description, type Format, type Pixels } from "../protocol";
import type { Device, Opened, Setting, Step } from "../protocol";
import { exifOf } from "./exif";
import { JpegWriter, PngWriter, SIMULATED, type Writer } from "./files";
import { anchors, normal } from "./noise";
import { Average, isTransparent, onWhite } from "./pixels";
import type { Feeds, Graphs, Tensor } from "./runtime";
import { type Size, within, workingSize } from "./size";
import { Source } from "./source";

/** Pixels worked on at a time: a processor's cache holds them, and a cancel waits no longer. */
const BAND = 1 << 17;
const THUMBNAIL = 320;

/** Called between bands; throws if the job was given up. */
export type Tick = (step: Step, share: number) => Promise<void>;

/** What the network gave, for `render`. */
interface Seen {
  grid: Size;
  feeds: Feeds;
}

interface Current {
  file: Blob;
  source: Source;
  transparent: boolean;
  seen: Seen;
  preview: Pixels;
  thumbnail: Pixels;
}

export class Engine {
  private opened: Current | null = null;
  /** The planes of the latest answers, by their settings: a save needs no second decoding. */
  private readonly planes = new Map<string, Tensor>();
  /** What `render` takes for what it does not look at, once there are planes. */
  private readonly unseen: Feeds;

  constructor(private readonly graphs: Graphs) {
    const nothing = { output: [1, this.channels, 1, 1], lightness: [1, 1, 1, 1], border: [1, 1] };
    const feeds: Feeds = {};
    for (const [name, shape] of Object.entries(nothing)) {
      feeds[name] = this.graphs.tensor(new Float32Array(Math.max(...shape)), shape);
    }
    const best = { ...this.description.best, seed: null };
    this.unseen = { ...feeds, ...this.knobs(best, { width: 1, height: 1 }) };
  }

  get description(): Description {
    return this.graphs.description;
  }

  get device(): Device {
    const { backend, threads } = this.graphs;
    return { backend, threads };
  }

  private get channels(): number {
    return this.description.distribution ? this.description.bins.length : 2;
  }

  /** Read a photograph and let the network look at it.  Returns the preview. */
  async open(file: Blob, name: string, side: number, tick: Tick): Promise<Opened> {
    await tick("read", 0);
    const source = await Source.open(file, name);
    try {
      const size = workingSize(source, this.description.size);
      const factor = (full: number, small: number) => Math.max(1, Math.floor(full / small / 3));
      const copy = new Average(
        source,
        factor(source.width, size.width),
        factor(source.height, size.height),
      );
      let transparent = false;
      for (const [y, rows] of bands(source)) {
        await tick("read", y / source.height);
        const rgba = source.rows(y, rows);
        if (isTransparent(rgba)) {
          transparent = true;
          onWhite(rgba);
        }
        copy.add(rgba);
      }
      await tick("look", 0);
      const seen = await this.look(copy, size);
      const preview = source.scaled(within(source, side));
      const thumbnail = source.scaled(within(preview, THUMBNAIL));
      await tick("look", 1);
      this.close();
      this.opened = { file, source, transparent, seen, preview, thumbnail };
    } catch (error) {
      source.close();
      throw error;
    }
    const { width, height, data } = this.opened.preview;
    const preview = { width, height, data: data.slice() };
    return { width: source.width, height: source.height, preview, notes: source.notes };
  }

  /** Run everything once on a grey picture: browsers make code fast while it runs. */
  async warmUp(side = this.description.size.short_side): Promise<void> {
    const picture = { width: side, height: side };
    const copy = new Average(picture, 1, 1);
    const seen = await this.look(copy, picture);
    const feeds = { ...seen.feeds, ...this.knobs({ ...this.description.best, seed: null }, picture) };
    const { planes } = await this.render(copy.bytes, 0, picture, feeds);
    await this.render(copy.bytes, 0, picture, planes);
  }

  close(): void {
    this.opened?.source.close();
    this.opened = null;
    this.planes.clear();
  }

  /** An answer at the size of the preview or of a thumbnail. */
  async answer(setting: Setting, side: "preview" | "thumbnail", tick: Tick): Promise<Pixels> {
    const { width, height, data } = this.current[side];
    const result = new Uint8ClampedArray(data.length);
    const rows = (y: number, count: number) => data.subarray(4 * y * width, 4 * (y + count) * width);
    for await (const [y, band] of this.painted(setting, { width, height }, rows, tick)) {
      result.set(band, 4 * y * width);
    }
    return { width, height, data: result };
  }

  /** An answer at the photograph's own size, as a file. */
  async save(setting: Setting, format: Format, tick: Tick): Promise<Blob> {
    const { source, transparent, file } = this.current;
    const about = {
      ...{ width: source.width, height: source.height, transparent },
      exif: await exifOf(file),
      note: `${SIMULATED} Made by colorizer in a browser, method ${this.description.title}.`,
    };
    const writer: Writer = format === "png" ? new PngWriter(about) : new JpegWriter(about);
    const rows = (y: number, count: number) => source.rows(y, count);
    for await (const [, band, rgba] of this.painted(setting, source, rows, tick)) {
      if (transparent) for (let p = 3; p < rgba.length; p += 4) band[p] = rgba[p];
      await writer.add(band);
    }
    await tick("write", 1);
    return writer.finish();
  }

  private get current(): Current {
    if (!this.opened) throw new Error("No photograph is open.");
    return this.opened;
  }

  private async look(copy: Average, size: Size): Promise<Seen> {
    const { tensor } = this.graphs;
    const { width, height } = size;
    const feeds: Feeds = {
      pixels: tensor(copy.bytes, [copy.height, copy.width, 4]),
      extent: tensor(Float32Array.from(copy.extent), [2]),
      size: tensor(Int32Array.of(height, width), [2]),
    };
    if (this.description.hints) {
      feeds.hints = tensor(new Float32Array(3 * width * height), [1, 3, height, width]);
    }
    const { output, lightness, border } = await this.graphs.network(feeds);
    const [, , rows, columns] = output.dims;
    return { grid: { width: columns, height: rows }, feeds: { output, lightness, border } };
  }

  /** The open photograph at some size, in colour: row, RGBA and the photograph's own of each band. */
  private async *painted(
    setting: Setting,
    size: Size,
    rows: (y: number, count: number) => Uint8ClampedArray<ArrayBuffer>,
    tick: Tick,
  ): AsyncGenerator<[number, Uint8ClampedArray<ArrayBuffer>, Uint8ClampedArray<ArrayBuffer>]> {
    const { seen } = this.current;
    const key = JSON.stringify(setting);
    for (const [y, count] of bands(size)) {
      await tick("paint", y / size.height);
      const rgba = rows(y, count);
      const known = this.planes.get(key);
      const how = known ?? { ...seen.feeds, ...this.knobs(setting, seen.grid) };
      const { band, planes } = await this.render(rgba, y, size, how);
      if (!known) {
        if (this.planes.size >= 12) this.planes.delete(this.planes.keys().next().value!);
        this.planes.set(key, planes);
      }
      yield [y, band, rgba];
    }
  }

  /** The knobs of a setting as `render` takes them. */
  private knobs(setting: Setting, grid: Size): Feeds {
    const { tensor } = this.graphs;
    const { best, sample, bins, most_anchors: most } = this.description;
    const number = (value: number) => tensor(Float32Array.of(value), []);
    const feeds: Feeds = {};
    for (const name of ADJUSTMENTS) feeds[name] = number(setting[name] ?? 0);
    if (!this.description.distribution) return feeds;
    const { seed } = setting;
    const { softness, correlation } = seed === null ? best : sample;
    const places =
      seed === null ? Int32Array.of(0) : anchors(grid.height, grid.width, correlation, most);
    const count = places.length * bins.length;
    const noise = seed === null ? new Float32Array(count) : normal(count, seed);
    return {
      ...feeds,
      temperature: number(setting.temperature ?? 1),
      vividness: number(setting.vividness ?? 0),
      softness: number(softness),
      correlation: number(correlation),
      top_k: tensor(Int32Array.of(setting.top_k ?? bins.length), []),
      noise: tensor(noise, [places.length, bins.length]),
      anchors: tensor(places, [places.length]),
    };
  }

  /** RGBA of a band of rows, and the planes; `how`: planes, or all that they are made from. */
  private async render(
    rgba: Uint8Array<ArrayBuffer> | Uint8ClampedArray<ArrayBuffer>,
    y: number,
    { width, height }: Size,
    how: Tensor | Feeds,
  ): Promise<{ band: Uint8ClampedArray<ArrayBuffer>; planes: Tensor }> {
    const { tensor, isTensor } = this.graphs;
    const none = tensor(new Float32Array(PLANES), [PLANES, 1, 1]);
    const results = await this.graphs.render({
      photograph: tensor(
        new Uint8Array(rgba.buffer, rgba.byteOffset, rgba.length),
        [rgba.length / 4 / width, width, 4],
      ),
      first_row: tensor(Int32Array.of(y), []),
      height: tensor(Int32Array.of(height), []),
      ...(isTensor(how) ? { ...this.unseen, known_planes: how } : { ...how, known_planes: none }),
    });
    const packed = results.pixels.data as Int32Array<ArrayBuffer>;
    const band = new Uint8ClampedArray(packed.buffer, packed.byteOffset, packed.byteLength);
    return { band, planes: results.planes };
  }
}

/** Planes of the guided filter: slope, rest, least and greatest value, each for a and b. */
const PLANES = 8;

/** First row and number of rows of every band. */
function* bands({ width, height }: Size): Generator<[number, number]> {
  const rows = Math.max(1, Math.floor(BAND / width));
  for (let y = 0; y < height; y += rows) yield [y, Math.min(rows, height - y)];
}
