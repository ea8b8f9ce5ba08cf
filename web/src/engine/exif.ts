/** The EXIF block of a photograph, to be written again: dates, camera, words. */

const ORIENTATION = 0x0112;

/** The block (a TIFF, without “Exif\0\0”) of a JPEG or PNG, said to be upright; or null. */
export async function exifOf(file: Blob): Promise<Uint8Array<ArrayBuffer> | null> {
  const head = new Uint8Array(await file.slice(0, 1 << 18).arrayBuffer());
  const found = head[0] === 0xff ? fromJpeg(head) : head[0] === 0x89 ? fromPng(head) : null;
  return found && upright(found) ? found : null;
}

function fromJpeg(head: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const view = new DataView(head.buffer);
  for (let at = 2; at + 10 < head.length && head[at] === 0xff && head[at + 1] !== 0xda; ) {
    const length = view.getUint16(at + 2);
    const isExif = head[at + 1] === 0xe1 && view.getUint32(at + 4) === 0x45786966;
    if (isExif) return head.slice(at + 10, at + 2 + length);
    at += 2 + length;
  }
  return null;
}

function fromPng(head: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const view = new DataView(head.buffer);
  for (let at = 8; at + 12 < head.length; ) {
    const length = view.getUint32(at);
    if (view.getUint32(at + 4) === 0x65584966) return head.slice(at + 8, at + 8 + length);
    at += 12 + length;
  }
  return null;
}

/** Set the orientation to upright and leave the preview out; false if the block is broken. */
function upright(block: Uint8Array<ArrayBuffer>): boolean {
  try {
    const view = new DataView(block.buffer);
    const little = view.getUint16(0) === 0x4949;
    const directory = view.getUint32(4, little);
    const count = view.getUint16(directory, little);
    for (let i = 0; i < count; i++) {
      const entry = directory + 2 + 12 * i;
      if (view.getUint16(entry, little) === ORIENTATION) view.setUint16(entry + 8, 1, little);
    }
    view.setUint32(directory + 2 + 12 * count, 0, little); // the next directory is the preview's
    return true;
  } catch {
    return false;
  }
}
