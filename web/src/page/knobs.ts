/** The knobs, the looks, and what they say together. */

import type { Description, Knob, Setting } from "../protocol";
import { say, tell } from "../words";
import { byId, choice, make } from "./dom";

type Changes = Partial<Setting>;

export class Knobs {
  private readonly sliders = new Map<Knob, { input: HTMLInputElement; output: HTMLElement }>();
  private changes: Changes = {};
  private look: Changes = {};

  constructor(
    private readonly description: Description,
    private readonly changed: () => void,
  ) {
    byId("knobs").replaceChildren(...description.knobs.map((knob) => this.slider(knob)));
    byId("looks").replaceChildren(
      // Those that are samples have their place among the guesses.
      ...description.looks.filter(({ knobs }) => knobs.seed === undefined).map((look, i) => {
        const { key, title, knobs } = look;
        const label = choice("look", key, i === 0, tell(title));
        label.addEventListener("change", () => {
          this.changes = {};
          this.look = knobs;
          this.changed();
        });
        return label;
      }),
    );
    byId("reset").addEventListener("click", () => {
      this.reset();
      this.changed();
    });
  }

  /** Back to the approach's own values. */
  reset(): void {
    this.changes = {};
    this.look = {};
    byId("looks").querySelector("input")!.checked = true;
  }

  /** What the knobs say, for the best guess (`seed` null) or a sample. */
  setting(seed: number | null): Setting {
    const defaults = seed === null ? this.description.best : this.description.sample;
    const { correlation: _, softness: __, ...plain } = defaults;
    const setting = { ...plain, ...this.look, ...this.changes, seed };
    if ((setting.top_k ?? 0) >= this.description.bins.length) {
      setting.top_k = null;
    }
    return setting;
  }

  /** Move the sliders to a setting. */
  show(setting: Setting): void {
    for (const [knob, { input, output }] of this.sliders) {
      const value = setting[knob.name] ?? knob.maximum;
      input.value = String(value);
      const text = setting[knob.name] === null ? say("all") : String(Number(value.toFixed(2)));
      output.textContent = text;
      input.setAttribute("aria-valuetext", text);
    }
    const untouched = Object.keys({ ...this.look, ...this.changes }).length === 0;
    byId<HTMLButtonElement>("reset").disabled = untouched;
  }

  private slider(knob: Knob): HTMLElement {
    const { name, label, help, minimum, maximum, step } = knob;
    const input = make("input", { type: "range", id: `knob-${name}` });
    Object.assign(input, { min: String(minimum), max: String(maximum), step: String(step) });
    const output = make("output");
    output.setAttribute("for", input.id);
    const about = make("p", { className: "small", id: `about-${name}` }, tell(help));
    input.setAttribute("aria-describedby", about.id);
    input.addEventListener("input", () => {
      this.changes = { ...this.changes, [name]: Number(input.value) };
      this.changed();
    });
    this.sliders.set(knob, { input, output });
    const title = make("label", { htmlFor: input.id }, tell(label));
    return make("div", { className: "knob" }, make("div", { className: "row" }, title, output), input, about);
  }
}
