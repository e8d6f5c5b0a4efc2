import { describe, expect, it } from '@jest/globals';
import { compareWithPeer, holdToLimit } from './measurement.js';

describe('a measurement', () => {
  it('meets a target beside its peer, and misses it otherwise', () => {
    const rates = { ours: 97, peer: 100 };
    expect(compareWithPeer('b', 'rows/s', rates, { atLeast: 0.95 })).toMatchObject({ ratio: 0.97, ok: true });
    expect(compareWithPeer('b', 'rows/s', rates, { atLeast: 0.98 }).ok).toBe(false);
    expect(compareWithPeer('b', 'CPU', rates, { atMost: 0.5 }).ok).toBe(false);
  });

  it('is held to an absolute limit where there is no peer', () => {
    expect(holdToLimit('b', 'MB', 119.96, 120)).toMatchObject({ ours: 120, peer: null, ok: true });
    expect(holdToLimit('b', 'MB', 121, 120).ok).toBe(false);
  });
});
