import { Progress, UnstyledButton } from '@mantine/core';
import type { Schema } from '../api/client.js';
import {
  formatBytes,
  formatCategory,
  formatChange,
  formatCount,
  formatShortCount,
  formatSize,
  measureFullness,
} from '../format.js';
import cells from './collection-cells.module.css';
import styles from './collections-table.module.css';
import { StateBadge } from './state-badge.js';

type Collection = Schema<'Collection'>;
type Category = Schema<'StoreOverview'>['categories'][number];

/** What every row needs beside its collection. */
interface Live {
  /** What the last poll added or removed, by collection. */
  readonly moved: Readonly<Record<string, number>>;
  readonly asOf: string;
  readonly onOpen: (name: string) => void;
}

const columns = ['Collection', 'State', 'Documents', 'Size', 'Retention', 'Growth'];

/** Every collection shown, one body of rows per category. */
export function CollectionsTable({ categories, ...live }: { categories: readonly Category[] } & Live) {
  return (
    <table className={styles.table}>
      <caption className="visually-hidden">Collections by category</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col" data-column={column.toLowerCase()}>
              {column}
            </th>
          ))}
        </tr>
      </thead>
      {categories.map((category) => (
        <CategoryRows key={category.name} category={category} live={live} />
      ))}
    </table>
  );
}

function CategoryRows({ category: { name, collections }, live }: { category: Category; live: Live }) {
  const documents = collections.reduce((sum, collection) => sum + collection.documents, 0);
  const size = {
    size_bytes: collections.reduce((sum, { size_bytes }) => sum + size_bytes, 0),
    size_is_estimated: collections.some(({ size_is_estimated }) => size_is_estimated),
  };
  return (
    <tbody id={`category-${name}`} className={styles.category} data-testid="category" data-category={name}>
      <tr className={styles.heading}>
        <th scope="rowgroup" colSpan={columns.length}>
          <h2>{formatCategory(name)}</h2>
          <span className="numeric quiet">
            {formatCount(documents)} documents, {formatSize(size)}
          </span>
        </th>
      </tr>
      {collections.map((collection) => (
        <CollectionRow key={collection.name} collection={collection} live={live} />
      ))}
    </tbody>
  );
}

/** One collection in a line; the whole line opens its detail, the name does so by keyboard. */
function CollectionRow({ collection, live }: { collection: Collection; live: Live }) {
  const { name, purpose, state, documents, retention, growth, archive } = collection;
  return (
    <tr
      className={styles.row}
      data-testid="collection-row"
      data-collection={name}
      onClick={() => live.onOpen(name)}
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
        <LiveCount count={documents} change={live.moved[name]} asOf={live.asOf} />
      </td>
      <td data-column="size">
        <SizeGauge collection={collection} />
      </td>
      <td data-column="retention">
        {retention === 'permanent' ? 'Permanent' : retention}
        {archive !== null && (
          <div className={styles.aside}>{archive === 'never' ? 'Not archived' : 'Archived first'}</div>
        )}
      </td>
      <td data-column="growth">
        <GrowthMark growth={growth} />
      </td>
    </tr>
  );
}

/** A number of documents, with what the last poll added or removed shown for a moment. */
function LiveCount({ count, change, asOf }: { count: number; change: number | undefined; asOf: string }) {
  return (
    <span className={cells.count}>
      {change !== undefined && (
        <span key={asOf} className={cells.change} data-testid="change" data-falling={change < 0}>
          {formatChange(change)}
        </span>
      )}
      {formatCount(count)}
    </span>
  );
}

/** What a collection holds against what its policy expects it to hold. */
function SizeGauge({ collection }: { collection: Collection }) {
  const { percent, overWarning } = measureFullness(collection);
  const expected = formatBytes(collection.expected_bytes);
  const remarks = [
    overWarning && `Above its warning size of ${formatBytes(collection.warn_bytes)}`,
    collection.size_is_estimated && 'Estimated from a sample of documents: the engine reports no sizes',
  ].filter(Boolean);
  return (
    <div data-over-warning={overWarning} title={remarks.join('. ')}>
      <div className={cells.figures}>
        <span className={cells.size} data-testid="size" data-estimated={collection.size_is_estimated}>
          {formatSize(collection)}
        </span>
        <span className="quiet">of {expected}</span>
      </div>
      <Progress
        value={percent}
        size={3}
        color={overWarning ? 'orange' : undefined}
        aria-label={`Share of the expected ${expected}${overWarning ? ', above the warning size' : ''}`}
      />
    </div>
  );
}

const levels = { low: 1, moderate: 2, high: 3 } as const;

/** A growth pattern as one to three bars, with the documents that a day adds. */
function GrowthMark({ growth }: { growth: Collection['growth'] }) {
  return (
    <span className={cells.growth} title={`${growth.pattern} growth`}>
      <span className={cells.bars} role="img" aria-label={`${growth.pattern} growth`}>
        {[1, 2, 3].map((bar) => (
          <i key={bar} data-on={bar <= levels[growth.pattern]} />
        ))}
      </span>
      <span className="numeric">
        {formatShortCount(growth.documents_per_day)}
        <span className="quiet"> / day</span>
      </span>
    </span>
  );
}
