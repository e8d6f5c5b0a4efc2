import { Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { api, bodyOf, type Schema } from '../api/client.js';
import { toProblem } from '../api/problem.js';
import styles from '../components/facts.module.css';
import { ListTable } from '../components/list-table.js';
import list from '../components/list.module.css';
import { Loading, ProblemNotice } from '../components/notices.js';
import { formatAgo, formatCount } from '../format.js';

const columns = ['Consumer', 'State', 'Waiting', 'Lag', 'Dead letters', 'Position'];
/** Waiting changes are counted no further. */
const countedChanges = 1_000;

/** Who follows the changes, and how far each is. */
export function ConsumerList() {
  const { data, error } = useQuery({
    queryKey: ['capture', 'consumers'],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/capture/consumers', { signal })),
    refetchInterval: 5_000,
  });
  return (
    <section className={styles.section}>
      <Title order={2} size="h4" mb="sm">
        Consumers
      </Title>
      {error && <ProblemNotice problem={toProblem(error)} />}
      {!data && !error && <Loading what="the consumers" rows={3} />}
      {data?.items.length === 0 && (
        <p className="quiet" role="status">
          No consumer has run yet.
        </p>
      )}
      {data && data.items.length > 0 && (
        <ListTable label="Consumers" columns={columns} numeric={['Waiting', 'Lag', 'Dead letters']}>
          {data.items.map((consumer) => (
            <ConsumerRow key={consumer.name} consumer={consumer} />
          ))}
        </ListTable>
      )}
    </section>
  );
}

function ConsumerRow({ consumer }: { consumer: Schema<'ChangeConsumer'> }) {
  const { name, position, active, lag_changes, lag_seconds, dead_letters, replays, fault } = consumer;
  const waiting = formatCount(lag_changes);
  return (
    <tr data-testid="consumer-row" data-consumer={name}>
      <td>{name}</td>
      <td className={list.break}>
        <span className={list.tag} data-kind={fault === null ? (active ? 'captured' : 'open') : 'broken'}>
          {fault === null ? (active ? 'active' : 'nobody runs it') : 'fault'}
        </span>
        {fault !== null && (
          <div className={list.aside}>
            {fault} {consumer.faulty_since && `(since ${formatAgo(consumer.faulty_since)})`}
          </div>
        )}
        {replays > 0 && <div className={list.aside}>{formatCount(replays)} to replay</div>}
      </td>
      <td data-number>{lag_changes < countedChanges ? waiting : `${waiting} or more`}</td>
      <td data-number>{Math.round(lag_seconds)} s</td>
      <td data-number>
        {dead_letters > 0 ? (
          <Link href={`/dead-letters?target=${encodeURIComponent(`consumer:${name}`)}`}>
            {formatCount(dead_letters)}
          </Link>
        ) : (
          0
        )}
      </td>
      <td className={list.break}>{position || '–'}</td>
    </tr>
  );
}
