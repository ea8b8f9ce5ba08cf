/** The ways a photograph gets in: chosen, taken, dropped, pasted, or one of the examples. */

import { say } from "../words";
import { byId, make } from "./dom";

const EXAMPLES = ["astronaut", "cat", "launch-pad"] as const;

export type Intake = (file: Blob, name: string, note: string) => void;

export function listen(open: Intake): void {
  const one = (files: FileList | null | undefined) => {
    if (!files?.length) return;
    const note = files.length > 1 ? say("only_first", { count: files.length }) : "";
    open(files[0], files[0].name, note);
  };
  for (const [button, input] of [
    ["choose", "file"],
    ["drop", "file"],
    ["take", "camera"],
  ] as const) {
    byId(button).addEventListener("click", () => byId(input).click());
  }
  for (const id of ["file", "camera"]) {
    const input = byId<HTMLInputElement>(id);
    input.addEventListener("change", () => {
      one(input.files);
      input.value = ""; // the same file may be chosen again
    });
  }
  const touch = matchMedia("(pointer: coarse)").matches;
  byId("take").hidden = !touch;
  if (touch) byId("empty").textContent = say("choose"); // nobody drops on a telephone
  dropping(one);
  document.addEventListener("paste", (event) => one(event.clipboardData?.files));
  byId("examples").append(...EXAMPLES.map((example) => tile(example, open)));
}

function dropping(one: (files: FileList | undefined) => void): void {
  const { classList } = document.body;
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    classList.add("dragging");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) classList.remove("dragging");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    classList.remove("dragging");
    one(event.dataTransfer?.files);
  });
}

function tile(name: (typeof EXAMPLES)[number], open: Intake): HTMLElement {
  const url = `examples/${name}.jpg`;
  const [title, alt] = [say(`example_${name}`), say(`example_${name}_alt`)];
  const picture = make("img", { src: url, alt, width: 84, height: 84 });
  const button = make("button", { type: "button", title }, picture);
  button.addEventListener("click", async () => {
    open(await (await fetch(url)).blob(), `${name}.jpg`, "");
  });
  return button;
}
