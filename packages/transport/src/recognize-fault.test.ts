import { expect, it } from '@jest/globals';
import { ConflictError, InfratraqError } from '@infratraq/kernel';
import { z } from 'zod';
import { acknowledge, admitSockets, problemOf } from './index.js';

const named = (name: string, more: object = {}) => Object.assign(new Error('inside'), { name, ...more });
const coded = (code: string | number, message = 'inside') => Object.assign(new Error(message), { code });

const passing: readonly (readonly [what: string, error: Error, code: string])[] = [
  ['PostgreSQL refuses connections', coded('ECONNREFUSED'), 'database.unavailable'],
  ['PostgreSQL starts', coded('57P03'), 'database.unavailable'],
  ['PostgreSQL shuts down', coded('57P01'), 'database.unavailable'],
  ['PostgreSQL has crashed', coded('57P02'), 'database.unavailable'],
  ['PostgreSQL has no connection left', coded('53300'), 'database.unavailable'],
  ['PostgreSQL has become a standby', coded('25006'), 'database.unavailable'],
  ['a connection was terminated', new Error('Connection terminated unexpectedly'), 'database.unavailable'],
  [
    'a transaction lost its connection',
    new Error('Client has encountered a connection error and is not queryable'),
    'database.unavailable',
  ],
  ['the pool is exhausted', new Error('timeout exceeded when trying to connect'), 'database.unavailable'],
  ['a statement took too long', coded('57014'), 'database.timeout'],
  ['a lock was not to be had', coded('55P03'), 'database.contended'],
  ['two transactions waited for each other', coded('40P01'), 'database.contended'],
  ['no MongoDB answers', named('MongoServerSelectionError'), 'database.unavailable'],
  ['MongoDB hung up', named('MongoNetworkError'), 'database.unavailable'],
  ['MongoDB cleared its pool', named('MongoPoolClearedError'), 'database.unavailable'],
  ["MongoDB's pool is exhausted", named('MongoWaitQueueTimeoutError'), 'database.unavailable'],
  ['MongoDB is not the primary', named('MongoServerError', { code: 10_107 }), 'database.unavailable'],
  ['MongoDB shuts down', named('MongoServerError', { code: 91 }), 'database.unavailable'],
  [
    'a write may be tried again',
    named('MongoServerError', { errorLabelSet: new Set(['RetryableWriteError']) }),
    'database.unavailable',
  ],
  [
    'MongoDB hung up in the middle of a bulk write',
    named('MongoBulkWriteError', { writeErrors: [] }),
    'database.unavailable',
  ],
  ['a query took too long', named('MongoServerError', { code: 50 }), 'database.timeout'],
  [
    'Mongoose waits for a connection',
    new Error('Operation `x.find()` buffering timed out after 10000ms'),
    'database.unavailable',
  ],
  ['S3 fails', named('InternalError', { $fault: 'server' }), 'objects.unavailable'],
  [
    'it is the cause of an error of ours',
    new InfratraqError('reports.failed', 'The report failed', { cause: coded('57P01') }),
    'database.unavailable',
  ],
];

const socket = {
  handshake: { address: '127.0.0.1', auth: { token: 'mia' } },
  once: () => undefined,
  disconnect: () => undefined,
};

it.each(passing)('answers 503 with a code, and when to try again, when %s', async (_what, error, code) => {
  expect(problemOf(error)).toMatchObject({ status: 503, code });
  expect(problemOf(error).detail).not.toContain('inside');
  const fail = async () => {
    throw error;
  };
  const answer = await new Promise((resolve) =>
    acknowledge(z.strictObject({}), fail, () => undefined)({}, resolve),
  );
  expect(answer).toMatchObject({ ok: false, error: { code, retry_after_ms: 1_000 } });
  const refusal = await new Promise((resolve) => {
    const use: Parameters<typeof admitSockets>[0]['use'] = (middleware) =>
      middleware({ ...socket, data: {} }, resolve);
    admitSockets({ use, on: () => undefined }, fail, () => undefined);
  });
  expect(refusal).toMatchObject({ data: { code, retry_after_ms: 1_000 } });
});

it.each([
  ['a fault of its own', new TypeError('x is not a function'), 500, 'internal'],
  ['a MongoDB that refuses a document', named('MongoServerError', { code: 121 }), 500, 'internal'],
  [
    'an error of ours that says what it is',
    new ConflictError('Read it again', 'thing.stale'),
    409,
    'thing.stale',
  ],
  ['a value that no column holds', coded('22P02', 'invalid input syntax'), 400, 'input.invalid'],
])('answers %s as it is', (_what, error, status, code) => {
  expect(problemOf(error)).toMatchObject({ status, code });
});
