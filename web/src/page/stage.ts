/** Grey and colour on one stage, and the divider between them. */

import type { Pixels } from "../protocol";
import { byId } from "./dom";

const stage = byId("stage");
const grey = byId<HTMLCanvasElement>("grey");
const color = byId<HTMLCanvasElement>("color");
const divider = byId<HTMLInputElement>("divider");

export function draw(canvas: HTMLCanvasElement, { width, height, data }: Pixels): void {
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")!.putImageData(new ImageData(data, width, height), 0, 0);
}

/** A new photograph, in grey until its colours come. */
export function showGrey(pixels: Pixels): void {
  draw(grey, pixels);
  color.width = color.height = 1;
  stage.dataset.state = "grey";
  stage.style.setProperty("--ratio", String(pixels.width / pixels.height));
}

export function showColor(pixels: Pixels): void {
  draw(color, pixels);
  stage.dataset.state = "color";
}

/** The longer side that a picture has on this stage, in pixels of the screen. */
export function side(): number {
  const longest = Math.max(stage.clientWidth, stage.clientHeight) * devicePixelRatio;
  return Math.min(1280, Math.max(480, Math.round(longest)));
}

function place(): void {
  stage.style.setProperty("--divider", `${divider.value}%`);
}

divider.addEventListener("input", place);
place();
