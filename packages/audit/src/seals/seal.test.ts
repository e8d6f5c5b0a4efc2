import { expect, it } from '@jest/globals';
import { makeSeal, packChanges, unpackChanges } from './seal.js';

it('packs the changes of a seal without loss', () => {
  const changes = [{ change_id: 'a:1', changed_at: new Date(5), hash: Buffer.alloc(32, 7) }];
  expect(unpackChanges(packChanges(changes))).toEqual(changes);
  expect(makeSeal(changes, undefined, new Date(0))).toMatchObject({ sequence: 1, change_count: 1 });
});
