import { describe, expect, it } from '@jest/globals';
import { NotFoundError } from '@infratraq/kernel';
import { useModels } from '@infratraq/testing';
import { describeError } from './describe-error.js';
import { ErrorLog } from '../collections/error-log.js';
import { exampleDocuments } from '../example-documents.js';
import { listErrorsOfKind } from '../collections/error-log.queries.js';

const database = useModels(ErrorLog);

function failOn(id: number): Error {
  return new Error(`report ${id} failed`, { cause: new NotFoundError(`no report ${id}`, 'report.unknown') });
}

describe('an error in the log', () => {
  it('carries what led to it, nearest first', () => {
    expect(describeError(failOn(1))).toMatchObject({
      error: { name: 'Error', message: 'report 1 failed', stack: expect.stringContaining('failOn') },
      causes: [{ name: 'NotFoundError', code: 'report.unknown', message: 'no report 1' }],
    });
  });

  it('is found by its kind, whatever ids its message carries', async () => {
    const errors = [failOn(1), failOn(2), new TypeError('else')].map(describeError);
    await database.models
      .of(ErrorLog)
      .create(errors.map((error) => ({ ...exampleDocuments.ErrorLog(), ...error })));
    const fingerprint = errors[0]?.fingerprint ?? '';
    expect(await database.models.find(listErrorsOfKind, { fingerprint })).toHaveLength(2);
  });

  it('can be stored whatever was thrown', async () => {
    const circular = new Error('');
    circular.cause = circular;
    const long = new Error('x'.repeat(50_000));
    for (const thrown of [circular, long, 'text', undefined, null, { a: 1 }, Symbol('s'), 12n])
      await database.models.of(ErrorLog).create({ ...exampleDocuments.ErrorLog(), ...describeError(thrown) });
  });
});
