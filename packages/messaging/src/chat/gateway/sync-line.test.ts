import { describe, expect, it } from '@jest/globals';
import { SyncLine } from './sync-line.js';

/** A line of one, and clients that say what became of their question. */
function openLine() {
  const line = new SyncLine({ atOnce: 1 });
  const served: string[] = [];
  const finish: (() => void)[] = [];
  const ask = (socketId: string, name: string, isWanted = () => true) =>
    line
      .serve({ socketId, channel: 'project:42', isWanted }, async () => {
        served.push(name);
        await new Promise<void>((resolve) => finish.push(resolve));
        return name;
      })
      .catch((error: { code: string }) => error.code);
  const finishNext = async () => {
    finish.shift()?.();
    await new Promise(setImmediate);
  };
  return { ask, finishNext, served };
}

describe('clients that sync at the same time', () => {
  it('are served one after the other, in the order in which they came', async () => {
    const { ask, finishNext, served } = openLine();
    const answers = [ask('a', 'a'), ask('b', 'b'), ask('c', 'c')];
    expect(served).toEqual(['a']);
    for (let turn = 0; turn < 3; turn += 1) await finishNext();
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c']);
    expect(served).toEqual(['a', 'b', 'c']);
  });

  it('keep their place when they ask again, and are served once', async () => {
    const { ask, finishNext, served } = openLine();
    const answers = [ask('a', 'a'), ask('b', 'b, at first'), ask('c', 'c'), ask('b', 'b, again')];
    for (let turn = 0; turn < 3; turn += 1) await finishNext();
    expect(await Promise.all(answers)).toEqual(['a', 'sync.superseded', 'c', 'b, again']);
    expect(served).toEqual(['a', 'b, again', 'c']);
  });

  it('are passed over when they have left', async () => {
    const { ask, finishNext, served } = openLine();
    const answers = [ask('a', 'a'), ask('b', 'b', () => false), ask('c', 'c')];
    for (let turn = 0; turn < 2; turn += 1) await finishNext();
    expect(await Promise.all(answers)).toEqual(['a', 'sync.superseded', 'c']);
    expect(served).toEqual(['a', 'c']);
  });

  it('give their place on when their answer fails', async () => {
    const line = new SyncLine({ atOnce: 1 });
    const question = (socketId: string) => ({ socketId, channel: 'project:42', isWanted: () => true });
    const failing = line.serve(question('a'), () => Promise.reject(new Error('the database is away')));
    const next = line.serve(question('b'), async () => 'served');
    await expect(failing).rejects.toThrow('the database is away');
    expect(await next).toBe('served');
    expect(await line.serve(question('c'), async () => 'served too')).toBe('served too');
  });
});
