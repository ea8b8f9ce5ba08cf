/** The best guess and four samples as small pictures to choose from. */

import type { Pixels } from "../protocol";
import { say } from "../words";
import { byId, choice, make } from "./dom";
import { draw } from "./stage";

const COUNT = 4;

export class Guesses {
  /** null for the best guess. */
  chosen: number | null = null;
  private first = 0;
  private tiles = new Map<number | null, HTMLCanvasElement>();

  constructor(
    private readonly samples: boolean,
    private readonly changed: () => void,
  ) {
    byId("others").hidden = !samples;
    byId("others").addEventListener("click", () => {
      this.first = (this.first + COUNT) % 2 ** 32;
      this.chosen = this.first;
      this.build();
      this.changed();
    });
    this.build();
  }

  get seeds(): (number | null)[] {
    const samples = Array.from({ length: this.samples ? COUNT : 0 }, (_, i) => this.first + i);
    return [null, ...samples];
  }

  /** Back to the best guess and the first four seeds. */
  reset(): void {
    this.first = 0;
    this.chosen = null;
    this.build();
  }

  show(seed: number | null, pixels: Pixels): void {
    const canvas = this.tiles.get(seed);
    if (canvas) draw(canvas, pixels);
  }

  private build(): void {
    this.tiles = new Map();
    const labels = this.seeds.map((seed) => {
      const canvas = make("canvas", { width: 4, height: 3 });
      this.tiles.set(seed, canvas);
      const name = seed === null ? say("best_guess") : say("seed", { seed });
      const label = choice("guess", String(seed), seed === this.chosen, canvas, name);
      label.addEventListener("change", () => {
        this.chosen = seed;
        this.changed();
      });
      return label;
    });
    byId("guesses").replaceChildren(...labels);
  }
}
