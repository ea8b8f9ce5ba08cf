/** Every text of the page is in words.json; the worker names them, and the page says them. */

import words from "./words.json";

export type Word = keyof typeof words;
export type Values = Record<string, string | number>;

/** A text with its `{names}` filled in. */
export function say(word: Word, values: Values = {}): string {
  return words[word].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
}
