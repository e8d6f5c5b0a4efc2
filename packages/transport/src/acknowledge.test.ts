import { describe, expect, it } from '@jest/globals';
import { ConflictError } from '@infratraq/kernel';
import { z } from 'zod';
import { acknowledge, type Acknowledgement } from './index.js';

const answerOf = (
  handle: (payload: { n: number }) => Promise<object | void>,
  payload: unknown,
  onError?: () => void,
) =>
  new Promise<Acknowledgement>((resolve) =>
    acknowledge(
      z.strictObject({ n: z.number(), many: z.array(z.strictObject({})).optional() }),
      handle,
      onError,
    )(payload, resolve),
  );

describe('an acknowledged event', () => {
  it('answers ok with the result of its handler', async () => {
    expect(await answerOf(async ({ n }) => ({ twice: n * 2 }), { n: 2 })).toEqual({ ok: true, twice: 4 });
  });

  it('refuses a payload of the wrong shape before the handler runs', async () => {
    let ran = false;
    const answer = await answerOf(async () => void (ran = true), { n: { $gt: '' } });
    expect(answer).toMatchObject({ ok: false, error: { code: 'input.invalid' } });
    expect(ran).toBe(false);
  });

  it.each([
    ['nothing but an acknowledgement', []],
    ['more than one payload', [{ n: 1 }, { n: 2 }]],
    ['null', [null]],
  ])('answers whoever sends %s', async (_what, parameters) => {
    const answer = await new Promise<Acknowledgement>((resolve) =>
      acknowledge(z.strictObject({ n: z.number() }), async () => undefined)(...parameters, resolve),
    );
    expect(answer).toMatchObject({ ok: false, error: { code: 'input.invalid' } });
  });

  it.each([
    ['half an emoji', { n: 1, text: 'a\ud83d' }, 'text.invalid', /^\/text: is not well-formed/],
    ['a NUL', { n: '\0' }, 'text.invalid', /^\/n: holds a NUL/],
    ['bytes', Buffer.from('x'), 'input.invalid', /\/: is binary; send JSON$/],
    [
      'bytes within a list',
      { n: 1, many: [Buffer.from('x')] },
      'input.invalid',
      /\/many\/0: is binary; send JSON$/,
    ],
  ])('refuses %s and says what is wrong', async (_what, payload, code, message) => {
    const answer = await answerOf(async () => undefined, payload);
    expect(answer).toMatchObject({ ok: false, error: { code, message: expect.stringMatching(message) } });
  });

  it('answers with the code of an error of ours, and reports any other', async () => {
    const conflict = async () => {
      throw new ConflictError('Read it again', 'thing.stale');
    };
    expect(await answerOf(conflict, { n: 1 })).toEqual({
      ok: false,
      error: { code: 'thing.stale', message: 'Read it again' },
    });
    let reported = 0;
    const broken = async () => {
      throw new Error('inside');
    };
    const answer = await answerOf(broken, { n: 1 }, () => (reported += 1));
    expect(answer).toEqual({
      ok: false,
      error: { code: 'internal', message: 'Something failed on our side' },
    });
    expect(reported).toBe(1);
  });

  it('survives a client that wants no acknowledgement', () => {
    expect(() => acknowledge(z.strictObject({}), async () => undefined)({}, 'not a function')).not.toThrow();
  });
});
