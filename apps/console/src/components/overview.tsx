import { useDeferredValue, useState } from 'react';
import type { LiveOverview } from '../api/compare-overviews.js';
import { filterCategories } from '../filter-categories.js';
import { useSelectedCollection } from '../use-selected-collection.js';
import { CollectionDrawer } from './collection-drawer.js';
import { CollectionsTable } from './collections-table.js';
import { Header } from './header.js';
import { NothingFound } from './nothing-found.js';
import { Sidebar } from './sidebar.js';
import { StaleNotice } from './stale-notice.js';
import styles from './overview.module.css';

/** The first screen: every collection by category, and one of them in detail. */
export function Overview({ live, error }: { live: LiveOverview; error: Error | null }) {
  const [filter, setFilter] = useState('');
  const [selected, select] = useSelectedCollection();
  const { categories, as_of } = live.overview;
  const shown = filterCategories(categories, useDeferredValue(filter));
  return (
    <>
      <a className="skip-link" href="#collections">
        Skip to the collections
      </a>
      <Header live={live} />
      <div className={styles.body}>
        <Sidebar categories={shown} filter={filter} onFilter={setFilter} />
        <main id="collections" tabIndex={-1} className={styles.main}>
          {shown.length > 0 ? (
            <CollectionsTable categories={shown} moved={live.moved} asOf={as_of} onOpen={select} />
          ) : (
            <NothingFound filter={filter} onClear={() => setFilter('')} />
          )}
          {error && <StaleNotice asOf={as_of} error={error} />}
        </main>
      </div>
      <CollectionDrawer name={selected} onClose={() => select(null)} />
    </>
  );
}
