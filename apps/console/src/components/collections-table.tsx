import type { StoreOverview } from '../api/collection.js';
import { CategoryRows } from './category-rows.js';
import styles from './collections-table.module.css';

const columns = ['Collection', 'State', 'Documents', 'Size', 'Retention', 'Growth'];

/** Every collection shown, one body of rows per category. */
export function CollectionsTable({
  categories,
  moved,
  asOf,
  onOpen,
}: {
  categories: StoreOverview['categories'];
  moved: Readonly<Record<string, number>>;
  asOf: string;
  onOpen: (name: string) => void;
}) {
  return (
    <table className={styles.table}>
      <caption className={styles.caption}>Collections by category</caption>
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
        <CategoryRows key={category.name} category={category} moved={moved} asOf={asOf} onOpen={onOpen} />
      ))}
    </table>
  );
}
