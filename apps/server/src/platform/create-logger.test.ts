import { expect, it } from '@jest/globals';
import { RejectedChangeError } from '@infratraq/capture';
import { createLogger } from './create-logger.js';

it('logs what an error is, and neither the values that it quotes nor the documents that it carries', () => {
  const lines: string[] = [];
  const log = createLogger('info', { write: (line) => void lines.push(line) });
  const driver = Object.assign(
    new Error('E11000 duplicate key error index: name_1 dup key: { name: "hunter2" }'),
    {
      code: 11_000,
      writeErrors: [{ err: { op: { name: 'hunter2' } } }],
      detail: 'Key (name)=(hunter2) already exists.',
    },
  );
  const message = 'invalid input syntax for type integer: "hunter2"';
  const error = new RejectedChangeError('it was not taken', {
    cause: new AggregateError([driver, new Error(message)], 'both failed'),
  });
  log.error({ err: error }, 'a consumer did not take a change');
  expect(lines.join('')).not.toContain('hunter2');
  expect(JSON.parse(lines[0]!)).toMatchObject({
    err: {
      type: 'RejectedChangeError',
      code: 'capture.change-rejected',
      stack: expect.stringMatching(/create-logger\.test/),
      cause: {
        message: 'both failed',
        errors: [
          { code: 11_000, message: 'E11000 duplicate key error index: name_1' },
          { message: 'invalid input syntax for type integer' },
        ],
      },
    },
  });
});
