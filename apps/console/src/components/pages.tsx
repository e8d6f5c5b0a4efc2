import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Failure, Loading } from './notices.js';

interface Page<Item> {
  readonly items: Item[];
  readonly next_cursor: string | null;
}

/** A list that comes page by page, as far as it has been read; the key names what is asked for. */
export function Pages<Item>({
  what,
  queryKey,
  empty = `No ${what} fit these filters.`,
  ask,
  children,
}: {
  what: string;
  /** Shown in place of an empty list. */
  empty?: string;
  queryKey: readonly unknown[];
  ask: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Item>>;
  children: (items: readonly Item[]) => ReactNode;
}) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => ask(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading what={what} rows={6} />;
  const items = data.pages.flatMap((page) => page.items);
  return (
    <div data-testid="list" data-items={items.length}>
      {items.length > 0 ? (
        children(items)
      ) : (
        <p className="quiet" role="status">
          {empty}
        </p>
      )}
      {hasNextPage && (
        <Button
          mt="md"
          variant="default"
          loading={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
          data-testid="load-more"
        >
          Show more
        </Button>
      )}
    </div>
  );
}
