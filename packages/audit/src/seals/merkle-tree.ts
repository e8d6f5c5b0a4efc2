import { createHash } from 'node:crypto';

const leafPrefix = Buffer.of(0);
const nodePrefix = Buffer.of(1);

/** The hash of a leaf (RFC 6962, section 2.1): SHA-256 of a zero byte and the content. */
export function hashLeaf(content: string): Buffer {
  return createHash('sha256').update(leafPrefix).update(content, 'utf8').digest();
}

/**
 * The root over the hashes of leaves (RFC 6962, section 2.1).
 * @throws RangeError without a leaf
 */
export function findRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) throw new RangeError('A Merkle tree has at least one leaf');
  if (leaves.length === 1) return leaves[0]!;
  const split = findSplit(leaves.length);
  return hashNode(findRoot(leaves.slice(0, split)), findRoot(leaves.slice(split)));
}

/** What has to be hashed with a leaf, from the bottom up, to come to the root (RFC 6962, section 2.1.1). */
export function findInclusionPath(leaves: readonly Buffer[], index: number): Buffer[] {
  if (index < 0 || index >= leaves.length) throw new RangeError(`There is no leaf ${index}`);
  if (leaves.length === 1) return [];
  const split = findSplit(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split
    ? [...findInclusionPath(left, index), findRoot(right)]
    : [...findInclusionPath(right, index - split), findRoot(left)];
}

function hashNode(left: Buffer, right: Buffer): Buffer {
  return createHash('sha256').update(nodePrefix).update(left).update(right).digest();
}

/** The largest power of two below `count`. */
function findSplit(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1));
}
