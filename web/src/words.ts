/**
 * Every text of the page is in words.json; the worker names them, and the page says them in the
 * visitor's language.  Translations are those of the main page, by their English text.
 */

import { languages } from "virtual:languages";

import words from "./words.json";

export type Word = keyof typeof words;
export type Values = Record<string, string | number>;

const ENGLISH = "en";
const language =
  navigator.languages
    .map((tag) => tag.split("-")[0].toLowerCase())
    .find((tag) => tag === ENGLISH || tag in languages) ?? ENGLISH;
// Where it does not come, such as without a connection, the page is English.
const translations = (await languages[language]?.().catch(() => undefined))?.default ?? {};

/** An English text, such as one that came with the model, in the visitor's language. */
export function tell(text: string): string {
  return translations[text] ?? text;
}

/** A text with its `{names}` filled in. */
export function say(word: Word, values: Values = {}): string {
  return tell(words[word]).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
}

/** Put the language's words into index.html, whose English ones the build has filled in. */
export function translate(): void {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll<HTMLElement>("[data-text]")) {
    element.textContent = say(element.dataset.text as Word);
  }
  for (const element of document.querySelectorAll<HTMLElement>("[data-label]")) {
    element.setAttribute("aria-label", say(element.dataset.label as Word));
  }
}
