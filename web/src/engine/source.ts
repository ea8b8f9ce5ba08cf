/** A file that a person dropped → upright sRGB pixels, band by band. */

import type { Pixels } from "../protocol";
import type { Word } from "../words";
import { Problem } from "./problem";
import type { Size } from "./size";

/** More pixels than this are refused before they are decoded. */
export const MOST_PIXELS = 24_000_000;
/** As many every browser can hold; Safari on iOS no more. */
const LEAST_LIMIT = 16_777_216;

/** An opened photograph: its pixels are read in bands, so that they never lie here twice. */
export class Source {
  private readonly canvas = new OffscreenCanvas(1, 1);
  private readonly context: OffscreenCanvasRenderingContext2D;

  private constructor(
    private readonly bitmap: ImageBitmap,
    /** What a person should know of how the file was read. */
    readonly notes: Word[],
  ) {
    this.context = this.canvas.getContext("2d", { willReadFrequently: true })!;
  }

  get width(): number {
    return this.bitmap.width;
  }

  get height(): number {
    return this.bitmap.height;
  }

  static async open(file: Blob, name: string): Promise<Source> {
    if (file.size === 0) throw new Problem("is_empty", { name });
    const head = new Uint8Array(await file.slice(0, 1 << 20).arrayBuffer());
    const kind = kindOf(head);
    const header = kind === "PNG" ? pngHeader(head) : kind === "JPEG" ? jpegHeader(head) : null;
    if (header) checkPixels(header, name);
    let bitmap: ImageBitmap;
    try {
      bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    } catch {
      if (header && header.width * header.height > LEAST_LIMIT) throw tooLarge(header, name);
      throw new Problem(UNREADABLE[kind], { name });
    }
    const source = new Source(bitmap, header?.notes ?? []);
    try {
      checkPixels(bitmap, name);
      // Some browsers draw nothing of a picture larger than they can hold, and say nothing.
      if (header?.opaque && source.rows(0, 1)[3] === 0) throw tooLarge(bitmap, name);
    } catch (problem) {
      source.close();
      throw problem;
    }
    return source;
  }

  /** All of it, smaller; what is clear shows white. */
  scaled({ width, height }: Size): Pixels {
    this.canvas.width = width;
    this.canvas.height = height;
    this.context.fillStyle = "white";
    this.context.fillRect(0, 0, width, height);
    this.context.imageSmoothingQuality = "high";
    this.context.drawImage(this.bitmap, 0, 0, width, height);
    return { width, height, data: this.context.getImageData(0, 0, width, height).data };
  }

  /** RGBA of the rows from `y` on. */
  rows(y: number, count: number): Uint8ClampedArray<ArrayBuffer> {
    if (this.canvas.width !== this.width || this.canvas.height !== count) {
      this.canvas.width = this.width;
      this.canvas.height = count;
    } else {
      this.context.clearRect(0, 0, this.width, count);
    }
    this.context.drawImage(this.bitmap, 0, y, this.width, count, 0, 0, this.width, count);
    return this.context.getImageData(0, 0, this.width, count).data;
  }

  close(): void {
    this.bitmap.close();
    this.canvas.width = this.canvas.height = 1;
  }
}

function checkPixels({ width, height }: Size, name: string): void {
  if (width * height <= MOST_PIXELS) return;
  const megapixels = Math.round((width * height) / 1e6);
  const most = MOST_PIXELS / 1e6;
  throw new Problem("too_many_pixels", { name, megapixels, width, height, most });
}

function tooLarge({ width, height }: Size, name: string): Problem {
  const megapixels = Math.round((width * height) / 1e6);
  return new Problem("too_large_here", { name, megapixels, width, height });
}

/** What is said of a file of each kind that the browser refuses. */
const UNREADABLE = {
  JPEG: "is_damaged",
  PNG: "is_damaged",
  picture: "is_damaged",
  HEIC: "is_heic",
  TIFF: "is_tiff",
  PDF: "is_pdf",
  SVG: "is_svg",
  none: "is_no_picture",
} as const;
type Kind = keyof typeof UNREADABLE;

function kindOf(head: Uint8Array): Kind {
  const text = String.fromCharCode(...head.subarray(0, 512));
  if (text.startsWith("\xff\xd8")) return "JPEG";
  if (text.startsWith("\x89PNG")) return "PNG";
  if (/^....ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1)/s.test(text)) return "HEIC";
  if (/^(II\*\0|MM\0\*|II\+\0|MM\0\+)/.test(text)) return "TIFF";
  if (text.startsWith("%PDF")) return "PDF";
  if (/^\s*<(svg|\?xml|!--|!DOCTYPE svg)/.test(text)) return "SVG";
  return /^(GIF8|RIFF....WEBP|BM|....ftypavi)/s.test(text) ? "picture" : "none";
}

interface Header extends Size {
  /** True if there is nothing transparent in the file. */
  opaque: boolean;
  notes: Word[];
}

function pngHeader(head: Uint8Array): Header | null {
  if (head.length < 26) return null;
  const view = new DataView(head.buffer);
  const [depth, colour] = [head[24], head[25]];
  const opaque = (colour === 0 || colour === 2) && !hasChunk(view, 0x74524e53); // tRNS
  const notes: Word[] = depth === 16 ? ["note_16_bits"] : [];
  return { width: view.getUint32(16), height: view.getUint32(20), opaque, notes };
}

/** True if a PNG has a chunk of this name before its pixels. */
function hasChunk(view: DataView, name: number): boolean {
  for (let at = 8; at + 8 <= view.byteLength; at += 12 + view.getUint32(at)) {
    const kind = view.getUint32(at + 4);
    if (kind === name) return true;
    if (kind === 0x49444154) return false; // IDAT
  }
  return false;
}

function jpegHeader(head: Uint8Array): Header | null {
  const view = new DataView(head.buffer);
  let at = 2;
  while (at + 10 < head.length && head[at] === 0xff) {
    const marker = head[at + 1];
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (frame) {
      const notes: Word[] = head[at + 9] === 4 ? ["note_cmyk"] : [];
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5), opaque: true, notes };
    }
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}
