import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Schema } from 'mongoose';
import { compileCheck } from './compile-check.js';

const place = new Schema(
  { site: { type: String, required: true }, level: { type: Number, min: 0 } },
  { _id: false },
);
const check = compileCheck(
  new Schema(
    {
      kind: { type: String, required: true, enum: ['start', 'stop'] },
      code: { type: String, match: /^[A-Z]+$/, maxlength: 3 },
      tags: { type: [{ type: String, maxlength: 4 }] },
      place: { type: place },
      stops: { type: [place] },
    },
    { _id: false },
  ),
);

describe('a compiled check', () => {
  it('accepts what fits', () => {
    const stops = [{ site: 'a' }];
    expect(
      check({ kind: 'start', code: 'AB', tags: ['x'], place: { site: 'a', level: 0 }, stops }),
    ).toBeUndefined();
    expect(check({ kind: 'stop' })).toBeUndefined();
  });

  it.each([
    ['kind', {}],
    ['kind', { kind: 'pause' }],
    ['code', { kind: 'start', code: 'ab' }],
    ['code', { kind: 'start', code: 'ABCD' }],
    ['tags.1', { kind: 'start', tags: ['x', 'longer'] }],
    ['place.site', { kind: 'start', place: {} }],
    ['place.level', { kind: 'start', place: { site: 'a', level: -1 } }],
    ['stops.1.site', { kind: 'start', stops: [{ site: 'a' }, {}] }],
  ])('names %s when it is wrong', (path, document) => {
    expect(check(document)).toMatchObject({ status: 400, message: expect.stringContaining(path) });
  });
});
