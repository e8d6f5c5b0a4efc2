import { describe, expect, it, jest } from '@jest/globals';
import { ConflictError, ForbiddenError, InfratraqError, InvalidInputError, NotFoundError } from '../index.js';

describe('errors', () => {
  it.each([
    [new InvalidInputError('give a name'), 'InvalidInputError', 'input.invalid', 400],
    [
      new InvalidInputError('give a name', { code: 'cursor.invalid' }),
      'InvalidInputError',
      'cursor.invalid',
      400,
    ],
    [new ForbiddenError('ask an operator'), 'ForbiddenError', 'forbidden', 403],
    [new NotFoundError('no such report'), 'NotFoundError', 'not-found', 404],
    [new ConflictError('read it again', 'version.stale'), 'ConflictError', 'version.stale', 409],
    [new InfratraqError('journal.full', 'free some disk'), 'InfratraqError', 'journal.full', 500],
  ])('carry a stable code and a status: %s', (error, name, code, status) => {
    expect(error).toBeInstanceOf(InfratraqError);
    expect({ name: error.name, code: error.code, status: error.status }).toEqual({ name, code, status });
  });

  it('are recognised across two copies of this package', async () => {
    jest.resetModules();
    const other = await import('./errors.js');
    expect(other.InfratraqError).not.toBe(InfratraqError);
    expect(new other.ConflictError('Read it again')).toBeInstanceOf(InfratraqError);
    expect(new other.InfratraqError('journal.full', 'Free some disk')).not.toBeInstanceOf(ConflictError);
    expect(new TypeError('not ours')).not.toBeInstanceOf(InfratraqError);
  });

  it('tell web frameworks their status and when to try again', () => {
    const options = { status: 503, retryAfterMilliseconds: 1_200 } as const;
    const { statusCode, headers } = new InfratraqError('mongo.unreachable', 'Try again', options);
    expect({ statusCode, headers }).toEqual({ statusCode: 503, headers: { 'retry-after': '2' } });
    expect(new NotFoundError('No such report').headers).toEqual({});
  });

  it('keep what led to them', () => {
    const cause = new TypeError('not a number');
    expect(new InvalidInputError('give a number', { cause }).cause).toBe(cause);
    expect('cause' in new InfratraqError('journal.full', 'free some disk')).toBe(false);
  });
});
