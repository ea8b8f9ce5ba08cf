/** The worker: takes the page's requests one after the other, and gives up those it is told to. */

import type { Reply, Request } from "../protocol";
import { Engine, type Tick } from "./engine";
import { Cancelled, Problem } from "./problem";
import { load } from "./runtime";

let engine: Engine | null = null;
let givenUp = -1; // every job up to this one
let queue = Promise.resolve();

self.onmessage = ({ data }: MessageEvent<Request>) => {
  if (data.kind === "cancel") givenUp = Math.max(givenUp, data.job);
  else queue = queue.then(() => work(data));
};

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
    else reply({ kind: "failed", job, sentence: sentence(request.kind, error) });
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
    await engine.warmUp();
    const { description, backend, threads } = graphs;
    reply({ kind: "loaded", job, description, backend, threads });
    return;
  }
  if (!engine) throw new Problem("The colours could not be loaded; reload the page.");
  if (request.kind === "open") {
    const { width, height, grey } = await engine.open(
      request.file,
      request.name,
      request.side,
      tick,
    );
    reply({ kind: "opened", job, width, height, grey }, [grey.data.buffer]);
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

function sentence(kind: Request["kind"], error: unknown): string {
  if (error instanceof Problem) return error.message;
  const said = error instanceof Error ? error.message : String(error);
  console.warn(error);
  if (error instanceof RangeError || /memory|allocat/i.test(said)) {
    return "There is not enough memory for this photograph on this device.";
  }
  if (kind === "load") return "The colours could not be loaded; check the connection and reload.";
  return `Something went wrong: ${said.split("\n")[0]}`;
}
