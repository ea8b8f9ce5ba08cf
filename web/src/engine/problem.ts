/** What goes wrong in words for the person who brought the photograph. */
export class Problem extends Error {}

/** A job that was given up. */
export class Cancelled extends Error {}
