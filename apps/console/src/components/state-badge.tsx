import type { CollectionState } from '../api/collection.js';
import { formatState } from '../format/name.js';
import styles from './state-badge.module.css';

/** A lifecycle state; the usual one stays quiet, the others stand out. */
export function StateBadge({ state }: { state: CollectionState }) {
  return (
    <span className={styles.state} data-testid="state" data-state={state}>
      {formatState(state)}
    </span>
  );
}
