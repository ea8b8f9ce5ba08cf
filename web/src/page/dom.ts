/** Finding and making elements. */

export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

export function make<K extends keyof HTMLElementTagNameMap>(
  kind: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(kind), properties);
  element.append(...children);
  return element;
}

/** A radio button in a frame of its own. */
export function choice(
  group: string,
  value: string,
  checked: boolean,
  ...content: (Node | string)[]
): HTMLLabelElement {
  const input = make("input", { type: "radio", name: group, value, checked });
  return make("label", { className: "choice" }, input, make("span", {}, ...content));
}
