import { Alert, Button, Stack, Text, TextInput } from '@mantine/core';
import { useDeferredValue, useState } from 'react';
import { useSearchParams } from 'wouter';
import { toProblem } from '../api/problem.js';
import { Failure, Loading } from '../components/notices.js';
import { formatCategory, formatInstant } from '../format.js';
import { CollectionDrawer } from './collection-drawer.js';
import { CollectionsTable } from './collections-table.js';
import type { LiveOverview } from './compare-overviews.js';
import { filterCategories } from './filter-categories.js';
import styles from './store-screen.module.css';
import { StoreSummary } from './store-summary.js';
import { useLiveOverview } from './use-live-overview.js';

/** Every collection by category with live counts, and one of them in detail. */
export function StoreScreen() {
  const { data, error, refetch } = useLiveOverview();
  if (data) return <Overview live={data} error={error} />;
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  return <Loading what="the collections" />;
}

function Overview({ live, error }: { live: LiveOverview; error: Error | null }) {
  const [filter, setFilter] = useState('');
  // In the address, so that it can be shared, and left with the back button.
  const [parameters, setParameters] = useSearchParams();
  const select = (name: string | null) => setParameters(name === null ? {} : { collection: name });
  const { categories, as_of } = live.overview;
  const shown = filterCategories(categories, useDeferredValue(filter));
  return (
    <>
      <StoreSummary live={live} />
      <div className={styles.body}>
        <div className={styles.sidebar}>
          <TextInput
            type="search"
            size="sm"
            aria-label="Filter collections by name"
            placeholder="Filter by name"
            data-testid="filter"
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
          />
          <nav aria-label="Categories" className={styles.jumps}>
            {shown.map(({ name, collections }) => (
              <a key={name} href={`#category-${name}`} className={styles.jump}>
                <span>{formatCategory(name)}</span>
                <span className="numeric quiet">{collections.length}</span>
              </a>
            ))}
          </nav>
        </div>
        <div>
          {shown.length > 0 ? (
            <CollectionsTable categories={shown} moved={live.moved} asOf={as_of} onOpen={select} />
          ) : (
            <NothingFound filter={filter} onClear={() => setFilter('')} />
          )}
          {error && (
            <Alert variant="default" role="status" py="xs" className={styles.stale} data-testid="stale">
              Showing the state of {formatInstant(as_of)}; still asking. {toProblem(error).title}.
            </Alert>
          )}
        </div>
      </div>
      <CollectionDrawer name={parameters.get('collection')} onClose={() => select(null)} />
    </>
  );
}

function NothingFound({ filter, onClear }: { filter: string; onClear: () => void }) {
  return (
    <Stack align="center" py={64} gap="sm" role="status" data-testid="nothing-found">
      <Text className="quiet">No collection’s name contains “{filter}”.</Text>
      <Button variant="default" size="xs" onClick={onClear}>
        Show all
      </Button>
    </Stack>
  );
}
