/** Coloured rows → a PNG or JPEG that says of itself that its colours are simulated. */

import { onWhite } from "./pixels";
import { Problem } from "./problem";

export const SIMULATED =
  "Colours are simulated: guessed by a computer from lightness, no record of what was there.";
const COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia";

/** Takes a picture's rows from top to bottom. */
export interface Writer {
  add(rgba: Uint8ClampedArray<ArrayBuffer>): Promise<void>;
  finish(): Promise<Blob>;
}

interface About {
  width: number;
  height: number;
  transparent: boolean;
  exif: Uint8Array<ArrayBuffer> | null;
  note: string;
}

const encoder = new TextEncoder();

function xmp(note: string): string {
  const text = note.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);
  return (
    `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n` +
    `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF ` +
    `xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n` +
    `<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" ` +
    `xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">\n` +
    `<dc:description><rdf:Alt><rdf:li xml:lang="x-default">${text}</rdf:li></rdf:Alt>` +
    `</dc:description>\n<Iptc4xmpExt:DigitalSourceType>${COMPOSITE}` +
    `</Iptc4xmpExt:DigitalSourceType>\n</rdf:Description></rdf:RDF></x:xmpmeta>\n` +
    `<?xpacket end="r"?>`
  );
}

/** Writes a PNG while the rows come in: no canvas, so no limit but the browser's memory. */
export class PngWriter implements Writer {
  private readonly parts: BlobPart[] = [];
  private readonly deflate: WritableStreamDefaultWriter<BufferSource>;
  private readonly packed: Promise<void>;
  private readonly channels: number;
  private above: Uint8Array;

  constructor(private readonly about: About) {
    this.channels = about.transparent ? 4 : 3;
    this.above = new Uint8Array(about.width * this.channels);
    const header = new DataView(new ArrayBuffer(13));
    header.setUint32(0, about.width);
    header.setUint32(4, about.height);
    header.setUint8(8, 8);
    header.setUint8(9, about.transparent ? 6 : 2);
    this.parts.push(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a));
    this.chunk("IHDR", new Uint8Array(header.buffer));
    this.chunk("sRGB", Uint8Array.of(0));
    const text = (key: string, value: string) =>
      this.chunk("iTXt", encoder.encode(`${key}\0\0\0\0\0${value}`));
    text("Description", about.note);
    text("XML:com.adobe.xmp", xmp(about.note));
    if (about.exif) this.chunk("eXIf", about.exif);
    const stream = new CompressionStream("deflate");
    this.deflate = stream.writable.getWriter();
    this.packed = this.collect(stream.readable.getReader());
  }

  async add(rgba: Uint8ClampedArray<ArrayBuffer>): Promise<void> {
    const { width } = this.about;
    const { channels } = this;
    const stride = width * channels;
    const rows = rgba.length / 4 / width;
    const filtered = new Uint8Array(rows * (stride + 1));
    for (let y = 0; y < rows; y++) {
      const line = channels === 4 ? rgba.slice(y * stride, (y + 1) * stride) : opaque(rgba, y, width);
      filtered[y * (stride + 1)] = 4;
      paeth(line, this.above, channels, filtered.subarray(y * (stride + 1) + 1));
      this.above = new Uint8Array(line.buffer);
    }
    await this.deflate.write(filtered);
  }

  async finish(): Promise<Blob> {
    await this.deflate.close();
    await this.packed;
    this.chunk("IEND", new Uint8Array(0));
    return new Blob(this.parts, { type: "image/png" });
  }

  private async collect(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.chunk("IDAT", value as Uint8Array<ArrayBuffer>);
    }
  }

  private chunk(kind: string, data: Uint8Array<ArrayBuffer>): void {
    const name = encoder.encode(kind);
    const ends = new DataView(new ArrayBuffer(8));
    ends.setUint32(0, data.length);
    ends.setUint32(4, ~crc(crc(0xffffffff, name), data) >>> 0);
    this.parts.push(ends.buffer.slice(0, 4), name, data, ends.buffer.slice(4));
  }
}

/** RGB of one row of RGBA. */
function opaque(rgba: Uint8ClampedArray, y: number, width: number): Uint8Array<ArrayBuffer> {
  const line = new Uint8Array(3 * width);
  for (let i = 0, p = 4 * y * width; i < line.length; p += 4) {
    line[i++] = rgba[p];
    line[i++] = rgba[p + 1];
    line[i++] = rgba[p + 2];
  }
  return line;
}

/** PNG's fourth filter: each byte less the neighbour (left, above, above left) nearest to it. */
function paeth(
  line: Uint8Array | Uint8ClampedArray,
  above: Uint8Array,
  step: number,
  result: Uint8Array,
): void {
  for (let i = 0; i < line.length; i++) {
    const a = i < step ? 0 : line[i - step];
    const b = above[i];
    const c = i < step ? 0 : above[i - step];
    const pa = Math.abs(b - c);
    const pb = Math.abs(a - c);
    const pc = Math.abs(a + b - 2 * c);
    result[i] = line[i] - (pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
  }
}

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function crc(start: number, data: Uint8Array): number {
  let c = start;
  for (let i = 0; i < data.length; i++) c = CRC[(c ^ data[i]) & 0xff] ^ (c >>> 8);
  return c;
}

/** Writes a JPEG through a canvas: the browser has the encoder. */
export class JpegWriter implements Writer {
  private readonly canvas: OffscreenCanvas;
  private readonly context: OffscreenCanvasRenderingContext2D;
  private y = 0;

  constructor(private readonly about: About) {
    this.canvas = new OffscreenCanvas(about.width, about.height);
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Problem("jpeg_too_large");
    this.context = context;
  }

  async add(rgba: Uint8ClampedArray<ArrayBuffer>): Promise<void> {
    const { width } = this.about;
    if (this.about.transparent) onWhite(rgba);
    const rows = rgba.length / 4 / width;
    this.context.putImageData(new ImageData(rgba, width, rows), 0, this.y);
    // Some browsers keep nothing on a canvas larger than they can hold, and say nothing.
    const first = this.y === 0; // and some copy all of it for a look at one pixel
    if (first && this.context.getImageData(0, 0, 1, 1).data[3] === 0) throw new Problem("jpeg_too_large");
    this.y += rows;
  }

  async finish(): Promise<Blob> {
    let plain: Blob;
    try {
      plain = await this.canvas.convertToBlob({ type: "image/jpeg", quality: 0.95 });
    } catch {
      throw new Problem("jpeg_too_large");
    }
    this.canvas.width = this.canvas.height = 1;
    const { exif, note } = this.about;
    const parts: BlobPart[] = [Uint8Array.of(0xff, 0xd8)];
    if (exif && exif.length < 65_000) parts.push(...segment(0xe1, "Exif\0\0", exif));
    parts.push(...segment(0xe1, "http://ns.adobe.com/xap/1.0/\0", encoder.encode(xmp(note))));
    parts.push(...segment(0xfe, "", encoder.encode(note)));
    return new Blob([...parts, plain.slice(2)], { type: "image/jpeg" });
  }
}

function segment(marker: number, name: string, data: Uint8Array<ArrayBuffer>): BlobPart[] {
  const length = 2 + name.length + data.length;
  return [Uint8Array.of(0xff, marker, length >> 8, length & 255), encoder.encode(name), data];
}
