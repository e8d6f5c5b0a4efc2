import { describe, expect, it } from '@jest/globals';
import { ConflictError, ForbiddenError, InfratraqError, InvalidInputError, NotFoundError } from './index.js';

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

  it('keep what led to them', () => {
    const cause = new TypeError('not a number');
    expect(new InvalidInputError('give a number', { cause }).cause).toBe(cause);
    expect('cause' in new InfratraqError('journal.full', 'free some disk')).toBe(false);
  });
});
