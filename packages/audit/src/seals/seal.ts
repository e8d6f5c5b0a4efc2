import { createHash } from 'node:crypto';
import { deflateSync, inflateSync } from 'node:zlib';
import { findRoot } from './merkle-tree.js';

/** One sealed change: its id, when it happened, and the hash of its canonical content. */
export interface SealedChange {
  readonly change_id: string;
  readonly changed_at: Date;
  readonly hash: Buffer;
}

/** A run of changes in the order of their ids, and what proves them; hashes are SHA-256 in hexadecimal. */
export interface Seal {
  /** From 1, without gaps. */
  readonly sequence: number;
  readonly first_id: string;
  readonly last_id: string;
  readonly change_count: number;
  /** Root over the changes' hashes (RFC 6962). */
  readonly merkle_root: string;
  /** The chain's head before the first change: that of the seal before, zeros on the first. */
  readonly previous_head: string;
  /** The chain's head after the last change. */
  readonly chain_head: string;
  readonly sealed_at: Date;
}

/** A seal with the changes that it names. */
export interface SealWithChanges extends Seal {
  readonly changes: readonly SealedChange[];
}

/** Before the first change. */
export const firstHead = '0'.repeat(64);

/** Seals changes: chained to what was sealed before, and under one root. */
export function makeSeal(
  changes: readonly SealedChange[],
  before: Pick<Seal, 'sequence' | 'chain_head'> | undefined,
  sealed_at: Date,
): SealWithChanges {
  const previous_head = before?.chain_head ?? firstHead;
  return {
    sequence: (before?.sequence ?? 0) + 1,
    first_id: changes[0]!.change_id,
    last_id: changes.at(-1)!.change_id,
    change_count: changes.length,
    merkle_root: findRoot(changes.map(({ hash }) => hash)).toString('hex'),
    previous_head,
    chain_head: chainHashes(previous_head, changes),
    sealed_at,
    changes,
  };
}

/** The chain's head after these changes: each head is the hash of the one before and of the change's hash. */
function chainHashes(head: string, changes: readonly SealedChange[]): string {
  return changes
    .reduce<Buffer>(
      (before, { hash }) => createHash('sha256').update(before).update(hash).digest(),
      Buffer.from(head, 'hex'),
    )
    .toString('hex');
}

/** Writes sealed changes compactly, one line each. */
export function packChanges(changes: readonly SealedChange[]): Buffer {
  return deflateSync(changes.map((change) => `${writeLine(change)}\n`).join(''));
}

/** @throws Error when it was not written by {@link packChanges} */
export function unpackChanges(packed: Uint8Array): SealedChange[] {
  return inflateSync(packed).toString('utf8').split('\n').slice(0, -1).map(readLine);
}

/** The fields of a seal's file, in their order. */
const fileFields = [
  'format',
  'sequence',
  'first_id',
  'last_id',
  'change_count',
  'merkle_root',
  'previous_head',
  'chain_head',
  'sealed_at',
  'changes',
];

/** Writes the file of a seal, which is kept outside both databases; equal seals give equal bytes. */
export function writeSealFile({ changes, ...seal }: SealWithChanges): string {
  const file = { format: 'infratraq-seal/1', ...seal, changes: changes.map(writeLine) };
  return `${JSON.stringify(file, fileFields, 1)}\n`;
}

function writeLine({ change_id, changed_at, hash }: SealedChange): string {
  return `${change_id}\t${changed_at.getTime()}\t${hash.toString('hex')}`;
}

function readLine(line: string): SealedChange {
  const [change_id = '', time = '', hash = ''] = line.split('\t');
  return { change_id, changed_at: new Date(Number(time)), hash: Buffer.from(hash, 'hex') };
}
