import type { Values, Word } from "../words";

/** What goes wrong in words for the person who brought the photograph. */
export class Problem extends Error {
  constructor(
    readonly word: Word,
    readonly values: Values = {},
  ) {
    super(word);
  }
}

/** A job that was given up. */
export class Cancelled extends Error {}
