/**
 * Turns a value's text, as PostgreSQL writes it, into what BSON holds without loss.
 *
 * What it leaves as a string is always that text: a string that it answers can be written back as it is.
 */
export type ValueConverter = (text: string) => unknown;
