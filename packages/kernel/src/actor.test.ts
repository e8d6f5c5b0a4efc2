import { setImmediate, setTimeout } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { currentActor, newCauseId, runAsActor } from './index.js';

describe('the current actor', () => {
  it('is nobody outside any work', () => {
    expect(currentActor()).toBeUndefined();
  });

  it('stays through awaits, timers and callbacks, and is gone afterwards', async () => {
    await runAsActor({ user_id: 'u-1', roles: ['member'], cause_id: 'c-1' }, async () => {
      await setImmediate();
      await Promise.all([setTimeout(1), setImmediate()]);
      await new Promise<void>((resolve) => process.nextTick(resolve));
      expect(currentActor()).toEqual({ user_id: 'u-1', roles: ['member'], cause_id: 'c-1' });
    });
    expect(currentActor()).toBeUndefined();
  });

  it('gets a cause id of its own when nothing caused it', () => {
    const causes = [1, 2].map(() =>
      runAsActor({ user_id: 'u-1', roles: [] }, () => currentActor()?.cause_id),
    );
    expect(causes[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(causes[0]).not.toBe(causes[1]);
  });

  it('inherits the cause of the work around it, and gives the outer actor back', async () => {
    await runAsActor({ user_id: 'u-1', roles: ['member'] }, async () => {
      const outer = currentActor();
      const inner = await runAsActor({ user_id: 'system', roles: ['operator'] }, async () => {
        await setImmediate();
        return currentActor();
      });
      expect(inner).toEqual({ user_id: 'system', roles: ['operator'], cause_id: outer?.cause_id });
      expect(currentActor()).toBe(outer);
    });
  });

  it('may follow another cause than the work around it', () => {
    const cause_id = newCauseId();
    runAsActor({ user_id: 'u-1', roles: [] }, () =>
      runAsActor({ user_id: 'u-1', roles: [], cause_id }, () =>
        expect(currentActor()?.cause_id).toBe(cause_id),
      ),
    );
  });

  it('is not mixed up between pieces of work that interleave', async () => {
    const seen = await Promise.all(
      Array.from({ length: 50 }, (_, number) =>
        runAsActor({ user_id: `u-${number}`, roles: [], cause_id: `c-${number}` }, async () => {
          const noticed = new Set<string | undefined>();
          for (let turn = 0; turn < 5; turn += 1) {
            await (turn % 2 ? setImmediate() : setTimeout((number * 7) % 5));
            noticed.add(`${currentActor()?.user_id} ${currentActor()?.cause_id}`);
          }
          return [...noticed];
        }),
      ),
    );
    expect(seen).toEqual(seen.map((_, number) => [`u-${number} c-${number}`]));
  });

  it('returns what the work returns, and lets its errors through', async () => {
    const actor = { user_id: 'u-1', roles: [] };
    expect(runAsActor(actor, () => 42)).toBe(42);
    await expect(runAsActor(actor, () => Promise.reject(new RangeError('broken')))).rejects.toThrow(
      RangeError,
    );
  });
});
