import { UnstyledButton } from '@mantine/core';
import type { CollectionSummary } from '../api/collection.js';
import { GrowthMark } from './growth-mark.js';
import { LiveCount } from './live-count.js';
import { RetentionCell } from './retention-cell.js';
import { SizeGauge } from './size-gauge.js';
import { StateBadge } from './state-badge.js';
import styles from './collections-table.module.css';

/** One collection in a line; the whole line opens its detail, the name does so by keyboard. */
export function CollectionRow({
  collection,
  change,
  asOf,
  onOpen,
}: {
  collection: CollectionSummary;
  change: number | undefined;
  asOf: string;
  onOpen: (name: string) => void;
}) {
  const { name, purpose, state, documents, retention, growth, archive } = collection;
  return (
    <tr
      className={styles.row}
      data-testid="collection-row"
      data-collection={name}
      onClick={() => onOpen(name)}
    >
      <td data-column="collection">
        <UnstyledButton className={styles.name} data-testid="open-detail" aria-haspopup="dialog">
          {name}
        </UnstyledButton>
        <div className={styles.aside} title={purpose}>
          {purpose}
        </div>
      </td>
      <td data-column="state">
        <StateBadge state={state} />
      </td>
      <td data-column="documents" data-testid="documents" data-documents={documents}>
        <LiveCount count={documents} change={change} asOf={asOf} />
      </td>
      <td data-column="size">
        <SizeGauge sizes={collection} />
      </td>
      <td data-column="retention">
        <RetentionCell retention={retention} archive={archive} />
      </td>
      <td data-column="growth">
        <GrowthMark growth={growth} />
      </td>
    </tr>
  );
}
