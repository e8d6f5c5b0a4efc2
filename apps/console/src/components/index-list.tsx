import { Badge } from '@mantine/core';
import type { CollectionIndex } from '../api/collection.js';
import { formatIndexKey } from '../format/name.js';
import { formatSeconds } from '../format/time.js';
import styles from './collection-panel.module.css';

/** The indexes, each with the query that it is there for. */
export function IndexList({ indexes }: { indexes: readonly CollectionIndex[] }) {
  return (
    <ul className={styles.list} data-testid="indexes">
      {indexes.map((index) => (
        <li key={index.name} data-testid="index" data-index={index.name}>
          <div className={styles.line}>
            <span className={styles.indexKey}>{formatIndexKey(index.key)}</span>
            {index.unique && <Mark text="unique" />}
            {index.expire_after_seconds !== null && <Mark text={expiryOf(index.expire_after_seconds)} />}
          </div>
          <div className={styles.small}>{index.serves ? `serves ${index.serves}` : index.name}</div>
        </li>
      ))}
    </ul>
  );
}

function Mark({ text }: { text: string }) {
  return (
    <Badge variant="light" color="gray" size="sm" radius="sm" tt="none" fw={500}>
      {text}
    </Badge>
  );
}

function expiryOf(seconds: number): string {
  return seconds === 0 ? 'expires at this time' : `expires after ${formatSeconds(seconds)}`;
}
