import { TextInput } from '@mantine/core';
import type { StoreOverview } from '../api/collection.js';
import { formatCategory } from '../format/name.js';
import styles from './sidebar.module.css';

/** Finds a collection by name, or jumps to a category. */
export function Sidebar({
  categories,
  filter,
  onFilter,
}: {
  categories: StoreOverview['categories'];
  filter: string;
  onFilter: (filter: string) => void;
}) {
  return (
    <div className={styles.sidebar}>
      <TextInput
        type="search"
        size="sm"
        aria-label="Filter collections by name"
        placeholder="Filter by name"
        data-testid="filter"
        value={filter}
        onChange={(event) => onFilter(event.currentTarget.value)}
      />
      <nav aria-label="Categories" className={styles.jumps}>
        {categories.map(({ name, collections }) => (
          <a key={name} href={`#category-${name}`} className={styles.jump}>
            <span>{formatCategory(name)}</span>
            <span className="numeric quiet">{collections.length}</span>
          </a>
        ))}
      </nav>
    </div>
  );
}
