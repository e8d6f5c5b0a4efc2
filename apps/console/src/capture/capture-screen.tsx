import { Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { api, bodyOf, type Schema } from '../api/client.js';
import { toProblem } from '../api/problem.js';
import { Facts } from '../components/facts.js';
import styles from '../components/facts.module.css';
import { Loading, Notice, ProblemNotice } from '../components/notices.js';
import { formatAgo, formatBytes, formatCount, formatInstant } from '../format.js';
import { ConsumerList } from './consumer-list.js';
import { RefusedChanges } from './refused-changes.js';
import { TableCoverage } from './table-coverage.js';

/** Change capture: its slot and leader, who follows it, which tables it captures, and what was refused. */
export function CaptureScreen() {
  return (
    <>
      <Title order={1} size="h3" mb="sm">
        Change capture
      </Title>
      <Status />
      <ConsumerList />
      <section className={styles.section}>
        <Title order={2} size="h4" mb="sm">
          Refused changes
        </Title>
        <p className="quiet">
          The changelog refused these; PostgreSQL keeps them. To offer one again, replay its{' '}
          <Link href="/dead-letters?target=entity_changelog">dead letter</Link>.
        </p>
        <RefusedChanges />
      </section>
      <section className={styles.section}>
        <Title order={2} size="h4">
          Tables
        </Title>
        <TableCoverage />
      </section>
    </>
  );
}

function Status() {
  const { data, error } = useQuery({
    queryKey: ['capture'],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/capture', { signal })),
    refetchInterval: 5_000,
  });
  if (!data)
    return error ? <ProblemNotice problem={toProblem(error)} /> : <Loading what="the state" rows={3} />;
  return (
    <div data-testid="capture-status" data-active={data.active}>
      {error && <ProblemNotice problem={toProblem(error)} />}
      <Warning capture={data} />
      <Facts facts={describe(data)} />
      {data.snapshots.map(({ table, state, rows_done, estimated_rows }) => (
        <p key={table} className="quiet" data-testid="snapshot">
          Snapshot of {table}: {state}, {formatCount(rows_done)} of about {formatCount(estimated_rows)} rows.
        </p>
      ))}
    </div>
  );
}

/** Says what an operator has to do, where the slot is missing or in danger. */
function Warning({ capture }: { capture: Schema<'CaptureStatus'> }) {
  const { exists, wal_status, invalidation_reason, leader } = capture;
  if (!exists || wal_status === 'lost')
    return (
      <Notice title="The replication slot is lost" testid="capture-warning">
        {invalidation_reason && `PostgreSQL gives the reason ${invalidation_reason}. `}
        Changes are missed until “infratraq capture recover” begins anew.
      </Notice>
    );
  if (wal_status === 'unreserved')
    return (
      <Notice title="The replication slot is about to be lost" testid="capture-warning">
        PostgreSQL may remove log that is not captured yet. Free disk space or raise max_slot_wal_keep_size,
        and find out what holds capture up.
      </Notice>
    );
  if (leader === null)
    return (
      <Notice title="Nobody captures changes" testid="capture-warning">
        No process leads. PostgreSQL keeps the log until one does.
      </Notice>
    );
  return null;
}

function describe(capture: Schema<'CaptureStatus'>) {
  const { slot, source, wal_status, active, leader, confirmed_lsn, current_lsn } = capture;
  const { lag_bytes, retained_bytes, safe_bytes } = capture;
  return [
    ['Slot', slot],
    ['State', [wal_status ?? 'missing', active ? 'streaming' : 'idle'].join(', ')],
    ['Leader', leader && `process ${leader.pid}${leader.host ? ` at ${leader.host}` : ''}`],
    ['Leads since', leader && `${formatInstant(leader.since)} (${formatAgo(leader.since)})`],
    ['Lag', formatBytes(lag_bytes)],
    ['Stored up to', confirmed_lsn],
    ['Log is at', current_lsn],
    ['Log kept', formatBytes(retained_bytes)],
    ['Room before loss', safe_bytes === null ? 'unlimited' : formatBytes(safe_bytes)],
    ['Source', source],
  ] as const;
}
