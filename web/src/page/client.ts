/** The page's end of the worker. */

import type { Reply, Request, Step } from "../protocol";
import { say, type Values, type Word } from "../words";

export class GivenUp extends Error {}

type Answer<K extends Reply["kind"]> = Extract<Reply, { kind: K }>;
type Without<T> = T extends unknown ? Omit<T, "job"> : never;

const REPLIES = { load: "loaded", open: "opened", answer: "answered", save: "saved" } as const;

export class Client {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private job = 0;

  constructor(
    private readonly progress: (job: number, step: Step, share: number) => void,
    failed: (sentence: string) => void,
  ) {
    this.worker = new Worker(new URL("../engine/worker.ts", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      if (data.kind === "progress") this.progress(data.job, data.step, data.share);
      else this.waiting.get(data.job)?.(data);
    };
    this.worker.onerror = () => failed(say("old_browser"));
  }

  /** Ask the worker; rejects with GivenUp if cancelled, and with a sentence if it fails. */
  ask<K extends keyof typeof REPLIES>(
    request: Extract<Without<Request>, { kind: K }>,
  ): Promise<Answer<(typeof REPLIES)[K]>> {
    const job = ++this.job;
    return new Promise((resolve, reject) => {
      this.waiting.set(job, (reply) => {
        this.waiting.delete(job);
        if (reply.kind === "failed") reject(new Error(sentence(reply.word, reply.values)));
        else if (reply.kind === "cancelled") reject(new GivenUp());
        else resolve(reply as Answer<(typeof REPLIES)[K]>);
      });
      this.worker.postMessage({ ...request, job });
    });
  }

  /** Give up all that was asked so far. */
  cancel(): void {
    this.worker.postMessage({ kind: "cancel", job: this.job });
  }

  end(): void {
    this.worker.terminate();
  }
}

function sentence(word: Word, values: Values): string {
  const subject = values.name ? say("quoted", values) : say("the_picture");
  return say(word, { ...values, subject });
}
