import { mongo } from 'mongoose';

/** An ordered axis of values that windows are cut from, such as time. */
export interface Line {
  /** The stored value that stands for a number. */
  valueAt(number: number): unknown;
  /** The number of a stored value; undefined for a value that lies on another line. */
  numberOf(value: unknown): number | undefined;
}

const lastSecondOfIds = 0xffff_ffff;

/** Times, in milliseconds. */
export const timeLine: Line = {
  valueAt: (number) => new Date(Math.round(number)),
  numberOf: (value) => (value instanceof Date ? value.getTime() : undefined),
};

/** ObjectIds, by the second in which they were made. */
export const objectIdLine: Line = {
  valueAt: (number) =>
    mongo.ObjectId.createFromTime(Math.max(0, Math.min(lastSecondOfIds, Math.floor(number)))),
  numberOf: (value) => (value instanceof mongo.ObjectId ? value.getTimestamp().getTime() / 1_000 : undefined),
};

/** Numbers, such as a place in a sequence. */
export const numberLine: Line = {
  valueAt: (number) => number,
  numberOf: (value) => (typeof value === 'number' ? value : undefined),
};
