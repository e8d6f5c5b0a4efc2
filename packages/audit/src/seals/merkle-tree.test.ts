import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { findInclusionPath, findRoot, hashLeaf } from './merkle-tree.js';

describe('a Merkle tree', () => {
  // Known answers of the test data that Certificate Transparency's implementations share.
  const contents = ['', '00', '10', '2021', '3031', '40414243'].map((hex) => Buffer.from(hex, 'hex'));
  it.each([
    [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
    [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
    [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
    [6, '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
  ])('over the first %i known leaves has the known root', (count, root) => {
    const leaves = contents.slice(0, count).map((content) => hashLeaf(content.toString('latin1')));
    expect(findRoot(leaves).toString('hex')).toBe(root);
  });

  it('proves every leaf, and none in another place', () => {
    const tree = fc.integer({ min: 1, max: 70 }).chain((size) =>
      fc.record({
        size: fc.constant(size),
        index: fc.nat(size - 1),
        wrong: fc.nat(size - 1),
      }),
    );
    fc.assert(
      fc.property(tree, ({ size, index, wrong }) => {
        const leaves = Array.from({ length: size }, (_, place) => hashLeaf(`change ${place}`));
        const path = findInclusionPath(leaves, index);
        const root = findRoot(leaves).toString('hex');
        expect(followPath(leaves[index]!, index, size, path)).toBe(root);
        if (wrong !== index) expect(followPath(leaves[wrong]!, index, size, path)).not.toBe(root);
      }),
    );
  });
});

/** RFC 9162, section 2.1.3.2. */
function followPath(leaf: Buffer, index: number, size: number, path: readonly Buffer[]): string | undefined {
  let [place, last, hash] = [index, size - 1, leaf];
  const node = (left: Buffer, right: Buffer) =>
    createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest();
  for (const other of path) {
    if (last === 0) return undefined;
    if (place % 2 === 1 || place === last) {
      hash = node(other, hash);
      while (place % 2 === 0 && place !== 0) [place, last] = [place >> 1, last >> 1];
    } else hash = node(hash, other);
    [place, last] = [place >> 1, last >> 1];
  }
  return last === 0 ? hash.toString('hex') : undefined;
}
