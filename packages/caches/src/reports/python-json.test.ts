import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import fc from 'fast-check';
import { InvalidInputError } from '@infratraq/kernel';
import { reportCacheKey } from './report-cache-key.js';
import { writePythonJson } from './python-json.js';

const program = `
import hashlib, json, sys
for line in sys.stdin:
    report_type, params = json.loads(line)
    text = json.dumps(params, sort_keys=True)
    key = hashlib.sha256(f"{report_type}:{json.dumps(params, sort_keys=True)}".encode()).hexdigest()
    print(json.dumps([text, key]), flush=True)
`;

describe('the JSON that cache keys are made of', () => {
  let python: ChildProcessWithoutNullStreams;
  let answers: Interface;

  beforeAll(() => {
    python = spawn('python3', ['-c', program]);
    answers = createInterface({ input: python.stdout });
  });

  afterAll(async () => {
    python.stdin.end();
    await once(python, 'exit');
  });

  async function askPython(type: string, value: unknown): Promise<[text: string, key: string]> {
    const answered = once(answers, 'line');
    python.stdin.write(`${JSON.stringify([type, value])}\n`);
    const [line] = (await answered) as [string];
    return JSON.parse(line) as [string, string];
  }

  it('is byte for byte what json.dumps(params, sort_keys=True) writes', async () => {
    const text = fc.string({ unit: 'binary' });
    const number = fc.oneof(
      fc.integer(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(1e21, 1.5e21, 1e20, 2 ** 53, 1e16, 1e-4, 9.9e-5, 1e-6, 1e-7, 5e-324, -0, 0.1, 1e300),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constant(null),
        fc.boolean(),
        number,
        text,
        fc.array(tie('value'), { maxLength: 5 }),
        fc.dictionary(text, tie('value'), { maxKeys: 6 }),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(text, fc.dictionary(text, value), async (type, params) => {
        const [written, key] = await askPython(type, params);
        expect(writePythonJson(params)).toBe(written);
        expect(reportCacheKey(type, params)).toBe(key);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['keys beyond the basic plane sort after those within it', { '\u{1F600}': 1, '\uFFFD': 2, a: 3 }],
    ['keys that share a first surrogate', { '\u{1F601}': 1, '\u{1F600}': 2, '\ud83dx': 3, '\ud83d': 4 }],
    ['control characters and delete', { text: '\u0000\u0008\u000b\u000c\u001f\u007f\u0080\u2028/' }],
    ['empty containers', { list: [], object: {}, nested: [[], {}] }],
    ['undefined members', { absent: undefined, present: 1 }],
  ])('agrees with Python on %s', async (_case, params) => {
    const [written] = await askPython('t', params);
    expect(writePythonJson(params)).toBe(written);
  });

  it('has the key that the specification computes', () => {
    expect(reportCacheKey('project_progress', {})).toBe(
      'fcd3e9bc8f23e289fa11fc509a6f50047074c5de8cc6ea074d74360e6b21546a',
    );
  });

  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  it.each([
    ['NaN', { value: Number.NaN }],
    ['infinity', { value: Number.POSITIVE_INFINITY }],
    ['a date', { value: new Date() }],
    ['a function', { value: () => 1 }],
    ['a bigint', { value: 1n }],
    ['a value that contains itself', cyclic],
  ])('refuses %s', (_case, params) => {
    expect(() => writePythonJson(params)).toThrow(InvalidInputError);
  });
});
