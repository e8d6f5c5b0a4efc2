import type { CollectionSummary } from '../api/collection.js';
import styles from './collections-table.module.css';

const archiveWords = { 'before-expiry': 'Archived first', never: 'Not archived' } as const;

/** How long documents are kept, and whether they are archived before they expire. */
export function RetentionCell({ retention, archive }: Pick<CollectionSummary, 'retention' | 'archive'>) {
  return (
    <>
      {retention === 'permanent' ? 'Permanent' : retention}
      {archive !== null && <div className={styles.aside}>{archiveWords[archive]}</div>}
    </>
  );
}
