/** The worker: takes the page's requests one after the other, and gives up those it is told to. */

import type { Reply, Request } from "../protocol";
import { Engine, type Tick } from "./engine";
import { Cancelled, Problem } from "./problem";
import { load } from "./runtime";

let engine: Engine | null = null;
let givenUp = -1; // every job up to this one
let latest = -1; // job that was asked for
let queue = Promise.resolve();

self.onmessage = ({ data }: MessageEvent<Request>) => {
  if (data.kind === "cancel") {
    givenUp = Math.max(givenUp, data.job);
    return;
  }
  latest = data.job;
  queue = queue.then(() => work(data));
  if (data.kind === "load") queue = queue.then(() => practise(data.job)).catch(console.warn);
};

/** Nobody has chosen a photograph yet: a few rounds more, and the first is coloured faster. */
async function practise(job: number): Promise<void> {
  for (let round = 0; round < 4 && engine && latest === job; round++) {
    await engine.warmUp();
    await messages();
  }
}

function reply(message: Reply, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}

async function work(request: Exclude<Request, { kind: "cancel" }>): Promise<void> {
  const { job } = request;
  let told = 0;
  const tick: Tick = async (step, share) => {
    await messages();
    if (job <= givenUp) throw new Cancelled();
    if (performance.now() - told > 50) {
      told = performance.now();
      reply({ kind: "progress", job, step, share });
    }
  };
  try {
    await messages();
    if (job <= givenUp && request.kind !== "load") throw new Cancelled();
    await answer(request, tick);
  } catch (error) {
    if (error instanceof Cancelled) reply({ kind: "cancelled", job });
    else {
      const { word, values } = problem(request.kind, error);
      reply({ kind: "failed", job, word, values });
    }
  }
}

async function answer(request: Exclude<Request, { kind: "cancel" }>, tick: Tick): Promise<void> {
  const { job } = request;
  if (request.kind === "load") {
    const base = new URL(import.meta.env.BASE_URL === "./" ? "../" : "/", import.meta.url);
    const graphs = await load(request.backend, request.threads, base, (share) =>
      reply({ kind: "progress", job, step: "load", share }),
    );
    engine = new Engine(graphs);
    await engine.warmUp(2 * graphs.description.size.multiple_of);
    reply({ kind: "loaded", job, description: graphs.description, ...engine.device });
    return;
  }
  if (!engine) throw new Problem("not_loaded");
  if (request.kind === "open") {
    const opened = await engine.open(request.file, request.name, request.side, tick);
    reply({ kind: "opened", job, ...opened, ...engine.device }, [opened.preview.data.buffer]);
  } else if (request.kind === "answer") {
    const picture = await engine.answer(request.setting, request.side, tick);
    reply({ kind: "answered", job, picture }, [picture.data.buffer]);
  } else {
    reply({ kind: "saved", job, blob: await engine.save(request.setting, request.format, tick) });
  }
}

const channel = new MessageChannel();

/** Let waiting messages in. */
function messages(): Promise<void> {
  return new Promise((resolve) => {
    channel.port1.onmessage = () => resolve();
    channel.port2.postMessage(null);
  });
}

function problem(kind: Request["kind"], error: unknown): Problem {
  if (error instanceof Problem) return error;
  const said = error instanceof Error ? error.message : String(error);
  console.warn(error);
  if (error instanceof RangeError || /memory|allocat/i.test(said)) return new Problem("no_memory");
  if (kind === "load") return new Problem("not_loaded");
  return new Problem("something_wrong", { said: said.split("\n")[0] });
}
