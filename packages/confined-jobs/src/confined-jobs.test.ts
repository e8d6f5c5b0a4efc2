import { afterEach, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { createConfinedJobs, type ConfinedJobs } from './index.js';

const mebibyte = 1024 * 1024;
const job = {
  module: new URL('./testing/misbehave.job.js', import.meta.url),
  limits: { deadlineMilliseconds: 20_000, inputBytes: 8 * mebibyte, outputBytes: mebibyte },
};
const short = { ...job, limits: { ...job.limits, deadlineMilliseconds: 700 } };
const nothing = Buffer.alloc(0);

let jobs: ConfinedJobs | undefined;
const open = (options: Parameters<typeof createConfinedJobs>[0] = {}) => (jobs = createConfinedJobs(options));
afterEach(() => jobs?.close());

it('hands over content and brings it back, whether it is held or flows, and no setting of the parent', async () => {
  const { run } = bind(open());
  const content = Buffer.from('content '.repeat(1_000));
  for (const input of [content, Readable.from([content.subarray(0, 10), content.subarray(10)]), nothing]) {
    const { value, contents } = await run(job, input, 'echo');
    expect(Buffer.concat(contents)).toEqual(Buffer.isBuffer(input) ? input : content);
    expect(value).toEqual({ env: expect.not.arrayContaining(['MONGODB_URI', 'NODE_OPTIONS']) });
  }
});

it.each([
  ['confined.deadline', 'spin', short],
  ['confined.deadline', 'wait', short],
  ['confined.memory', 'hoard', job],
  ['confined.memory', 'allocate', job],
  ['confined.output-too-large', 'unpack', job],
  ['confined.crashed', 'die', job],
  ['confined.failed', 'throw', job],
  ['image.unreadable', 'refuse', job],
])(
  'ends with %s when the job does not behave (%s), and goes on with the next',
  async (code, behaviour, one) => {
    const { run } = bind(open({ memoryBytes: 128 * mebibyte }));
    await expect(run(one, nothing, behaviour)).rejects.toMatchObject({ code, status: 422 });
    expect((await run(job, Buffer.from('next'), 'echo')).contents).toEqual([Buffer.from('next')]);
  },
);

it('takes no more input than it may, and gives back the fault of a source as it is', async () => {
  const { run } = bind(open());
  const endless = () =>
    Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(mebibyte);
      })(),
    );
  const tooLarge = { code: 'confined.input-too-large', status: 422 };
  await expect(run(job, Buffer.alloc(9 * mebibyte), 'leave')).rejects.toMatchObject(tooLarge);
  await expect(run(job, endless(), 'echo')).rejects.toMatchObject(tooLarge);
  const broken = Readable.from(
    (async function* () {
      yield Buffer.alloc(10);
      throw new Error('storage is away');
    })(),
  );
  await expect(run(job, broken, 'echo')).rejects.toThrow('storage is away');
  const early = new Readable({ read: () => undefined });
  setImmediate(() => early.destroy(new Error('storage went away')));
  await expect(bind(createConfinedJobs()).run(job, early, 'echo')).rejects.toThrow('storage went away');
  // Input that a job leaves unread is not taken for the next one's.
  await run(job, Buffer.alloc(5 * mebibyte), 'leave');
  expect((await run(job, Buffer.from('mine'), 'echo')).contents).toEqual([Buffer.from('mine')]);
});

it('lets so many run at once, so many wait, and refuses the others for the moment', async () => {
  const { run } = bind(open({ atOnce: 1, waiting: 2 }));
  const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => run(job, nothing, 'leave')));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
  expect(outcomes[3]).toMatchObject({ reason: { code: 'confined.busy', status: 503 } });
  const running = expect(run(job, nothing, 'wait')).rejects.toMatchObject({ code: 'confined.closed' });
  await new Promise((resolve) => setImmediate(resolve));
  await jobs?.close();
  await running;
  await expect(run(job, nothing, 'leave')).rejects.toMatchObject({ code: 'confined.closed' });
});

function bind(pool: ConfinedJobs): Pick<ConfinedJobs, 'run'> {
  return { run: (...given) => pool.run(...given) };
}
