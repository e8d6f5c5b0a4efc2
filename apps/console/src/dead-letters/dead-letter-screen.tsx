import { Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { api, bodyOf, type Schema } from '../api/client.js';
import { Facts } from '../components/facts.js';
import styles from '../components/facts.module.css';
import list from '../components/list.module.css';
import { Failure, Loading } from '../components/notices.js';
import { formatInstant } from '../format.js';
import letterStyles from './dead-letter-screen.module.css';
import { LetterActions } from './letter-actions.js';

type Letter = Schema<'DeadLetter'>;

/** One dead letter: why it is there, what it holds, and how to settle it. */
export function DeadLetterScreen({ id }: { id: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['dead-letter', id],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/v1/dead-letters/{id}', { params: { path: { id } }, signal })),
    // A consumer settles the letter once it has taken the change.
    refetchInterval: ({ state }) => (state.data?.state === 'open' ? 5_000 : false),
  });
  return (
    <>
      <nav aria-label="Breadcrumb" className={list.aside}>
        <Link href="/dead-letters">Dead letters</Link>
        {data && (
          <>
            {' '}
            / <Link href={`/dead-letters?target=${encodeURIComponent(data.target)}`}>{data.target}</Link>
          </>
        )}
      </nav>
      <Title order={1} size="h3" className={list.break} mb="sm">
        Dead letter {id}
      </Title>
      {data ? (
        <Detail letter={data} />
      ) : error ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <Loading what="the dead letter" rows={4} />
      )}
    </>
  );
}

function Detail({ letter }: { letter: Letter }) {
  const { id, payload, state } = letter;
  return (
    <div data-testid="dead-letter" data-letter={id} data-state={state}>
      <Facts facts={describe(letter)} />
      <LetterActions letter={letter} />
      <section className={styles.section}>
        <Title order={2} size="h4" mb="sm">
          Payload
        </Title>
        {payload === undefined ? (
          <p className="quiet">The letter holds none.</p>
        ) : (
          <pre
            className={letterStyles.payload}
            role="region"
            aria-label="Payload"
            tabIndex={0}
            data-testid="payload"
          >
            {JSON.stringify(payload, null, 2)}
          </pre>
        )}
      </section>
    </div>
  );
}

function describe({ reason, resolution, entity_type, entity_id, cause_id, ...letter }: Letter) {
  const history =
    entity_type && entity_id && `/audit/${encodeURIComponent(entity_type)}/${encodeURIComponent(entity_id)}`;
  return [
    ['State', letter.state],
    ['Reason', `${reason.code}: ${reason.message}`],
    ...(reason.fields ? ([['Fields', reason.fields.join(', ')]] as const) : []),
    ['Origin', letter.origin],
    ['Target', letter.target],
    ['Since', formatInstant(letter.created_at)],
    ['Attempts', letter.attempts],
    ['Last attempt', letter.last_attempt_at && formatInstant(letter.last_attempt_at)],
    ['Replayable', letter.replayable ? 'yes' : 'no: parts of it were not kept'],
    [
      'Entity',
      history && (
        <Link href={history}>
          {entity_type} {entity_id}
        </Link>
      ),
    ],
    ['Position in its source', letter.source_position],
    ['User', letter.user_id],
    ['Cause', cause_id && <Link href={`/audit?cause_id=${encodeURIComponent(cause_id)}`}>{cause_id}</Link>],
    ...(resolution
      ? ([
          ['Settled', `${formatInstant(resolution.resolved_at)} by ${resolution.resolved_by}`],
          ['Note', resolution.note],
        ] as const)
      : []),
  ] as const;
}
