import type { EntityReference } from '@infratraq/kernel';
import type { AlertValue } from '../collections/user-alert-config-parts.js';

/** What happened to a row: seen or updated, removed, or its whole table was emptied. */
export type EntityChangeKind = 'seen' | 'updated' | 'removed' | 'emptied';

/** One change of an entity, in the terms of alerts; its application makes them from its stream of changes. */
export interface EntityChange extends EntityReference {
  /** Sorts as changes were committed; the same change has the same. */
  readonly change_id: string;
  readonly at: Date;
  readonly kind: EntityChangeKind;
  /** Known values of the entity as it is now. */
  readonly values: Readonly<Record<string, AlertValue | undefined>>;
  readonly changed_fields: readonly string[];
}
