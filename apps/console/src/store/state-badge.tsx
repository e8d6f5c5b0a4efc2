import type { Schema } from '../api/client.js';
import { formatState } from '../format.js';
import styles from './state-badge.module.css';

export type CollectionState = Schema<'Collection'>['state'];

/** A lifecycle state; the usual one stays quiet, the others stand out. */
export function StateBadge({ state }: { state: CollectionState }) {
  return (
    <span className={styles.state} data-testid="state" data-state={state}>
      {formatState(state)}
    </span>
  );
}
