/** A file that a person dropped → upright sRGB pixels, band by band. */

import { Problem } from "./problem";

/** More pixels than this are refused before they are decoded. */
export const MOST_PIXELS = 24_000_000;

/** An opened photograph: its pixels are read in bands, so that they never lie here twice. */
export class Source {
  private readonly canvas = new OffscreenCanvas(1, 1);
  private readonly context: OffscreenCanvasRenderingContext2D;

  private constructor(private readonly bitmap: ImageBitmap) {
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
    const size = kind === "PNG" ? sizeOfPng(head) : kind === "JPEG" ? sizeOfJpeg(head) : null;
    if (size) checkPixels(...size, name);
    let bitmap: ImageBitmap;
    try {
      bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    } catch {
      throw new Problem(UNREADABLE[kind], { name });
    }
    try {
      checkPixels(bitmap.width, bitmap.height, name);
    } catch (problem) {
      bitmap.close();
      throw problem;
    }
    return new Source(bitmap);
  }

  /** RGBA of the rows from `y` on. */
  rows(y: number, count: number): Uint8ClampedArray {
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

function checkPixels(width: number, height: number, name: string): void {
  if (width * height <= MOST_PIXELS) return;
  const megapixels = Math.round((width * height) / 1e6);
  const most = MOST_PIXELS / 1e6;
  throw new Problem("too_many_pixels", { name, megapixels, width, height, most });
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

function sizeOfPng(head: Uint8Array): [number, number] | null {
  if (head.length < 24) return null;
  const view = new DataView(head.buffer);
  return [view.getUint32(16), view.getUint32(20)];
}

function sizeOfJpeg(head: Uint8Array): [number, number] | null {
  const view = new DataView(head.buffer);
  let at = 2;
  while (at + 9 < head.length && head[at] === 0xff) {
    const marker = head[at + 1];
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (frame) return [view.getUint16(at + 7), view.getUint16(at + 5)];
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}
