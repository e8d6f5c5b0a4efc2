import { Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { api, bodyOf } from '../api/client.js';
import { toProblem } from '../api/problem.js';
import styles from '../components/facts.module.css';
import { FilterForm, useFilters } from '../components/filter-form.js';
import list from '../components/list.module.css';
import { Loading, ProblemNotice } from '../components/notices.js';
import { Pages } from '../components/pages.js';
import { formatInstant, formatValue } from '../format.js';
import { ChangeList } from './change-list.js';

const fields = [{ name: 'at', label: 'Show the row as of', isTime: true }] as const;

/** One entity: its row as it was at a time, and its history. */
export function EntityScreen({ type, id }: { type: string; id: string }) {
  const { at } = useFilters(fields);
  const path = { type, id };
  return (
    <>
      <nav aria-label="Breadcrumb" className={list.aside}>
        <Link href="/audit">Audit trail</Link> /{' '}
        <Link href={`/audit?entity_type=${encodeURIComponent(type)}`}>{type}</Link>
      </nav>
      <Title order={1} size="h3" className={list.break}>
        {type} {id}
      </Title>
      <FilterForm fields={fields} submit="Show" />
      {at !== undefined && <RowAsOf path={path} at={at} />}
      <section className={styles.section}>
        <Title order={2} size="h4" mb="sm">
          History
        </Title>
        <Pages
          what="changes"
          queryKey={['history', type, id]}
          ask={async (cursor, signal) => {
            const answer = await askForEntity({ path, query: { cursor } }, signal);
            return 'items' in answer ? answer : { items: [], next_cursor: null };
          }}
        >
          {(changes) => <ChangeList changes={changes} ofType={type} />}
        </Pages>
      </section>
    </>
  );
}

function askForEntity(
  params: { path: { type: string; id: string }; query: { cursor?: string; at?: string } },
  signal: AbortSignal,
) {
  return bodyOf(api.GET('/api/v1/audit/entities/{type}/{id}', { params, signal }));
}

function RowAsOf({ path, at }: { path: { type: string; id: string }; at: string }) {
  const { data, error } = useQuery({
    queryKey: ['row', path, at],
    queryFn: ({ signal }) => askForEntity({ path, query: { at } }, signal),
  });
  return (
    <section className={styles.section} data-testid="row-as-of">
      <Title order={2} size="h4" mb="sm">
        As of {formatInstant(at)}
      </Title>
      {error && <ProblemNotice problem={toProblem(error)} />}
      {!data && !error && <Loading what="the row" rows={3} />}
      {data && 'row' in data && (
        <>
          <dl className={styles.facts}>
            {Object.entries(data.row).map(([column, value]) => (
              <div key={column} data-testid="column" data-column={column}>
                <dt>{column}</dt>
                <dd>{formatValue(value)}</dd>
              </div>
            ))}
          </dl>
          {data.known_as !== undefined && (
            <p className={list.aside}>The table was called {data.known_as} then.</p>
          )}
          {data.unknown_fields !== undefined && (
            <p className={list.aside}>Not known: {data.unknown_fields.join(', ')}.</p>
          )}
          <p className={list.aside}>
            {data.since
              ? `So since ${formatInstant(data.since.changed_at)}, by ${data.since.changed_by}.`
              : 'It was so before the trail begins.'}
          </p>
        </>
      )}
    </section>
  );
}
