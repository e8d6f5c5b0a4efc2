import type { StoreOverview } from '../api/collection.js';
import { formatBytes } from '../format/bytes.js';
import { formatCount } from '../format/count.js';
import { formatCategory } from '../format/name.js';
import { CollectionRow } from './collection-row.js';
import styles from './collections-table.module.css';

export function CategoryRows({
  category: { name, collections },
  moved,
  asOf,
  onOpen,
}: {
  category: StoreOverview['categories'][number];
  moved: Readonly<Record<string, number>>;
  asOf: string;
  onOpen: (name: string) => void;
}) {
  const documents = collections.reduce((sum, collection) => sum + collection.documents, 0);
  const bytes = collections.reduce((sum, collection) => sum + collection.size_bytes, 0);
  return (
    <tbody id={`category-${name}`} className={styles.category} data-testid="category" data-category={name}>
      <tr className={styles.heading}>
        <th scope="rowgroup" colSpan={6}>
          <h2>{formatCategory(name)}</h2>
          <span className="numeric quiet">
            {formatCount(documents)} documents, {formatBytes(bytes)}
          </span>
        </th>
      </tr>
      {collections.map((collection) => (
        <CollectionRow
          key={collection.name}
          collection={collection}
          change={moved[collection.name]}
          asOf={asOf}
          onOpen={onOpen}
        />
      ))}
    </tbody>
  );
}
