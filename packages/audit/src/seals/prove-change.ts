import { NotFoundError } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import { EntityChangelog } from '../collections/entity-changelog.js';
import { checkInput, nameSchema } from '../history/audit-input.js';
import type { ChangeValues } from '../sensitive/sensitive-reader.js';
import { writeCanonical } from './canonical-document.js';
import { findInclusionPath } from './merkle-tree.js';
import type { StoredChange } from './read-changes.js';
import type { SealKeeper } from './seal-ports.js';
import { unpackChanges, type Seal } from './seal.js';

/** Proof that a change was in the audit trail when a seal was made; anybody can check it without this product. */
export interface InclusionProof {
  readonly format: 'infratraq-inclusion-proof/1';
  readonly change_id: string;
  /** The change as one text; the leaf is SHA-256 of a zero byte and this. */
  readonly content: string;
  /** The change's place among the leaves, from 0. */
  readonly leaf_index: number;
  readonly tree_size: number;
  /** Hashes from the bottom up (RFC 6962, section 2.1.1), hexadecimal. */
  readonly path: readonly string[];
  readonly seal: Seal;
}

/**
 * Proves that a change is in the audit trail. `admit` is asked before its content is given away.
 * @throws NotFoundError `audit.change-unknown`, `audit.change-unsealed`
 */
export async function proveChange(
  models: Models,
  keeper: SealKeeper,
  changeId: string,
  admit: (change: ChangeValues) => Promise<void> = () => Promise.resolve(),
): Promise<InclusionProof> {
  checkInput(nameSchema, changeId);
  const change = await models
    .of(EntityChangelog)
    .collection.findOne<StoredChange & ChangeValues>({ _id: changeId as never });
  if (!change) throw new NotFoundError(`There is no change ${changeId}`, 'audit.change-unknown');
  const kept = await keeper.findSealOf(changeId);
  const changes = kept ? unpackChanges(kept.packed_changes) : [];
  const leaf_index = changes.findIndex(({ change_id }) => change_id === changeId);
  if (!kept || leaf_index < 0)
    throw new NotFoundError(
      `Change ${changeId} is under no seal yet; ask again in a minute, or verify the audit trail`,
      'audit.change-unsealed',
    );
  await admit(change);
  const { packed_changes: _packed, ...seal } = kept;
  return {
    format: 'infratraq-inclusion-proof/1',
    change_id: changeId,
    content: writeCanonical(change),
    leaf_index,
    tree_size: changes.length,
    path: findInclusionPath(
      changes.map(({ hash }) => hash),
      leaf_index,
    ).map((hash) => hash.toString('hex')),
    seal,
  };
}
