/** The page: a photograph comes in, its colours come out, and all of it happens here. */

import "virtual:tokens.css";
import "../../colorizer/ui/theme/shared.css";
import "./style.css";

import { Client, GivenUp } from "./page/client";
import { byId } from "./page/dom";
import { Guesses } from "./page/guesses";
import { listen } from "./page/intake";
import { Knobs } from "./page/knobs";
import { keep, register } from "./page/offline";
import * as stage from "./page/stage";
import type { Backend, Description, Device, Format, Setting, Step } from "./protocol";
import { say, tell, translate } from "./words";

const PAUSE = 400; // ms
/** Share of the whole that each step begins and ends at. */
const SHARES: Record<"open" | "save", Record<Step, [number, number]>> = {
  open: { load: [0, 1], read: [0, 0.3], look: [0.3, 0.8], paint: [0.8, 1], write: [1, 1] },
  save: { load: [0, 1], read: [0, 0], look: [0, 0], paint: [0, 0.9], write: [0.9, 1] },
};

/** A file that a person chose. */
interface Chosen {
  file: Blob;
  name: string;
  note: string;
}

interface Photograph {
  chosen: Chosen;
  name: string;
  width: number;
  height: number;
  note: string;
}

let client: Client | undefined;
let ready: Promise<void>;
let knobs: Knobs;
let guesses: Guesses;
let coming: Chosen | null = null;
let photograph: Photograph | null = null;
let opening = 0; // counts photographs: an older one is not shown over a newer one
let answering = 0; // the same of changes
let busy: "open" | "save" | null = null;

/** Load the graphs; what was being done before is given up, and its photograph closed. */
function start(backend: Backend): void {
  opening++;
  photograph = coming = null;
  byId("stage").dataset.state = "empty";
  byId("caption").textContent = "";
  byId("controls").hidden = true;
  rest(++answering);
  show("load", 0);
  ready = load(backend);
  ready.catch((error: Error) => {
    byId("progress").hidden = true;
    complain(error.message);
  });
}

async function load(backend: Backend): Promise<void> {
  await registered;
  client?.end();
  client = new Client(progress, complain);
  const loaded = await client.ask({ kind: "load", backend, threads: threads() });
  knobs ??= new Knobs(loaded.description, update);
  guesses ??= new Guesses(loaded.description.samples, update);
  describe(loaded.description);
  tellDevice(backend, loaded);
  keep();
  if (busy === null) byId("progress").hidden = true;
}

/** Threads need a page that is isolated from others; Safari on iOS has too little memory for them. */
function threads(): number {
  const { userAgent, maxTouchPoints } = navigator;
  const ios = /iP(hone|ad|od)/.test(userAgent) || (maxTouchPoints > 1 && /Mac/.test(userAgent));
  if (!self.crossOriginIsolated || ios) return 1;
  return Math.min(4, Math.max(1, navigator.hardwareConcurrency - 1));
}

function describe({ title, explanation, licence }: Description): void {
  const terms = say("terms", { use: tell(licence.weights) });
  byId("method").textContent = `${title}. ${tell(explanation)} ${terms}`;
}

function tellDevice(wanted: Backend, { backend, threads }: Device): void {
  const threaded = threads > 1 ? "with_threads" : "with_one_thread";
  const how = say(backend === "webgpu" ? "with_gpu" : threaded, { count: threads });
  byId("runtime").textContent = wanted === backend ? how : `${say("no_gpu")} ${how}`;
  byId<HTMLInputElement>("webgpu").checked = backend === "webgpu";
  document.documentElement.dataset.backend = backend;
}

// --- opening ------------------------------------------------------------------------------------

/** Open a file; `again`: the one that was open, with the knobs as they are. */
async function open(chosen: Chosen, again = false): Promise<void> {
  client?.cancel();
  complain("");
  const current = ++opening;
  const mine = ++answering;
  coming = chosen;
  work("open");
  try {
    await ready;
    if (mine !== answering) return;
    const { file, name } = chosen;
    const opened = await client!.ask({ kind: "open", file, name, side: stage.side() });
    if (current !== opening) return;
    // The worker has it: a cancel that came since then came too late.
    const { width, height, preview, notes } = opened;
    if (opened.backend !== document.documentElement.dataset.backend) tellDevice("webgpu", opened);
    const note = [chosen.note, ...notes.map((word) => say(word))].filter(Boolean).join(" ");
    photograph = { chosen, name: name.replace(/\.[^.]*$/, "") || "photo", width, height, note };
    stage.showGrey(preview);
    byId("caption").textContent = photograph.name;
    if (!again) {
      knobs.reset();
      guesses.reset();
    }
    byId("controls").hidden = false;
    answering++;
    await answer();
  } catch (error) {
    if (current === opening) failed(error);
  } finally {
    if (current === opening) coming = null;
    if (current === opening && busy === "open") rest(answering);
  }
}

// --- answers ------------------------------------------------------------------------------------

/** A knob, a look or a guess was changed. */
function update(): void {
  client?.cancel();
  complain("");
  answering++;
  answer().catch(failed);
}

async function answer(): Promise<void> {
  if (!photograph) return;
  const mine = answering;
  const seed = guesses.chosen;
  const setting = knobs.setting(seed);
  knobs.show(setting);
  const { picture } = await client!.ask({ kind: "answer", setting, side: "preview" });
  if (mine !== answering) return;
  stage.showColor(picture);
  caption(setting);
  rest(mine);
  await thumbnails(mine);
}

/** The small pictures, once nobody turns a knob any more: they would be in the way. */
async function thumbnails(mine: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
  if (mine !== answering) return;
  for (const each of guesses.seeds) {
    const small = await client!.ask({
      kind: "answer",
      setting: knobs.setting(each),
      side: "thumbnail",
    });
    if (mine !== answering) return;
    guesses.show(each, small.picture);
  }
}

function caption({ seed }: Setting): void {
  const { name, width, height, note } = photograph!;
  const guess = seed === null ? say("best_guess_is_shown") : say("sample_is_shown", { seed });
  const facts = document.createElement("strong");
  facts.textContent = name;
  byId("caption").replaceChildren(facts, ` · ${say("caption", { width, height, guess })} ${note}`);
}

// --- saving -------------------------------------------------------------------------------------

async function save(format: Format): Promise<void> {
  if (!photograph) return;
  const mine = ++answering;
  client?.cancel();
  work("save");
  try {
    const setting = knobs.setting(guesses.chosen);
    const { blob } = await client!.ask({ kind: "save", setting, format });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${photograph.name}-color.${format === "png" ? "png" : "jpg"}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (error) {
    failed(error);
  } finally {
    rest(mine);
  }
  thumbnails(mine).catch(failed); // the save may have come before the last of them
}

// --- what the page says -------------------------------------------------------------------------

function work(kind: "open" | "save"): void {
  busy = kind;
  lock(kind === "save");
  show(kind === "save" ? "paint" : "read", 0);
}

function rest(mine: number): void {
  if (mine !== answering) return;
  busy = null;
  lock(false);
  byId("progress").hidden = true;
}

/** While a file is written nothing can be changed. */
function lock(on: boolean): void {
  byId("controls").inert = on;
  for (const id of ["png", "jpeg"]) {
    byId<HTMLButtonElement>(id).disabled = on || !photograph;
  }
}

function progress(_job: number, step: Step, share: number): void {
  if (step === "load" || busy) show(step, share);
}

function show(step: Step, share: number): void {
  const [from, to] = SHARES[busy ?? "open"][step];
  byId("step").textContent = say(`step_${step}`);
  byId<HTMLProgressElement>("bar").value = from + share * (to - from);
  byId("cancel").hidden = step === "load";
  byId("progress").hidden = false;
}

function complain(sentence: string): void {
  byId("problem").textContent = sentence;
}

function failed(error: unknown): void {
  if (error instanceof GivenUp) return;
  complain(error instanceof Error ? error.message : String(error));
}

byId("cancel").addEventListener("click", () => {
  client?.cancel();
  rest(++answering);
});
byId("png").addEventListener("click", () => save("png"));
byId("jpeg").addEventListener("click", () => save("jpeg"));
byId<HTMLInputElement>("webgpu").addEventListener("change", ({ target }) => {
  const chosen = coming ?? photograph?.chosen;
  start((target as HTMLInputElement).checked ? "webgpu" : "wasm");
  if (chosen) open(chosen, true);
});
/** A file may wait for graphs that never come: the old worker leaves requests unanswered. */
const idle = () =>
  photograph === null && (coming === null || !document.documentElement.dataset.backend);
const registered = register(idle);
translate();
listen((file, name, note) => open({ file, name, note }));
start("wasm");
