import type { CollectionDetail } from '../api/collection.js';
import { formatBytes } from '../format/bytes.js';
import { formatCount } from '../format/count.js';
import { formatCategory } from '../format/name.js';
import styles from './collection-panel.module.css';

const archiveSentences = {
  'before-expiry': 'Archived before expiry',
  never: 'Expires unarchived',
} as const;

/** The collection's policy and counts, as term and value. */
export function CollectionFacts({ collection }: { collection: CollectionDetail }) {
  const { growth, events, archive } = collection;
  const facts: readonly [term: string, value: string][] = [
    ['Category', formatCategory(collection.category)],
    ['Documents', formatCount(collection.documents)],
    ['Size', `${formatBytes(collection.size_bytes)} of ${formatBytes(collection.expected_bytes)} expected`],
    ['Warns above', formatBytes(collection.warn_bytes)],
    ['Retention', collection.retention],
    ['Archive', archive === null ? 'Nothing expires' : archiveSentences[archive]],
    ['Growth', `${growth.pattern}, ${formatCount(growth.documents_per_day)} a day`],
    ['Document', `about ${formatBytes(growth.document_bytes)}`],
    ['Events recorded', formatCount(events.recorded)],
    ['Written / rejected', `${formatCount(events.written)} / ${formatCount(events.rejected)}`],
  ];
  return (
    <dl className={styles.facts}>
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
