import { Badge, Drawer, Group, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { api, bodyOf, type Schema } from '../api/client.js';
import { toProblem } from '../api/problem.js';
import { ProblemNotice } from '../components/notices.js';
import { useOpener } from '../components/use-opener.js';
import {
  formatAgo,
  formatBytes,
  formatCategory,
  formatCount,
  formatIndexKey,
  formatInstant,
  formatSeconds,
  formatSize,
  formatState,
} from '../format.js';
import styles from './collection-panel.module.css';
import { StateBadge } from './state-badge.js';
import { TransitionForm } from './transition-form.js';

type Detail = Schema<'CollectionDetail'>;

/** One collection in detail beside the list; without a name it is closed. */
export function CollectionDrawer({ name, onClose }: { name: string | null; onClose: () => void }) {
  const [shown, setShown] = useState(name);
  // While the drawer slides out it still shows what it held.
  if (name !== null && name !== shown) setShown(name);
  return (
    <Drawer.Root
      opened={name !== null}
      onClose={onClose}
      position="right"
      size="34rem"
      padding="lg"
      {...useOpener(name !== null)}
    >
      <Drawer.Overlay />
      <Drawer.Content>
        <div className={styles.head}>
          <Drawer.Title className={styles.name}>{shown}</Drawer.Title>
          <Drawer.CloseButton aria-label="Close the detail" />
        </div>
        <Drawer.Body>{shown !== null && <CollectionPanel key={shown} name={shown} />}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

function CollectionPanel({ name }: { name: string }) {
  const { data: collection, error } = useQuery({
    queryKey: ['collection', name],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/v1/collections/{name}', { params: { path: { name } }, signal })),
    refetchInterval: 4_000,
  });
  if (!collection)
    return error ? <ProblemNotice problem={toProblem(error)} /> : <Skeleton height={320} role="status" />;
  return (
    <div data-testid="detail" data-collection={name} data-current={collection.state}>
      <Text size="sm" className="quiet" mb="md">
        {collection.purpose}
      </Text>
      <Facts collection={collection} />
      <Section title="Lifecycle">
        <Lifecycle collection={collection} />
      </Section>
      <Section title={`Indexes (${collection.indexes.length})`}>
        <IndexList indexes={collection.indexes} />
      </Section>
      <Section title="State history">
        <StateHistory history={collection.history} />
      </Section>
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.section}>
      <h3 className={styles.title}>{title}</h3>
      {children}
    </section>
  );
}

const archiveSentences = {
  'before-expiry': 'Archived before expiry',
  never: 'Expires unarchived',
} as const;

/** The collection's policy and counts, as term and value. */
function Facts({ collection }: { collection: Detail }) {
  const { growth, events, archive } = collection;
  const facts: readonly [term: string, value: string][] = [
    ['Category', formatCategory(collection.category)],
    ['Documents', formatCount(collection.documents)],
    [
      collection.size_is_estimated ? 'Size, estimated' : 'Size',
      `${formatSize(collection)} of ${formatBytes(collection.expected_bytes)} expected`,
    ],
    ['Warns above', formatBytes(collection.warn_bytes)],
    ['Retention', collection.retention],
    ['Archive', archive === null ? 'Nothing expires' : archiveSentences[archive]],
    ['Growth', `${growth.pattern}, ${formatCount(growth.documents_per_day)} a day`],
    ['Document', `about ${formatBytes(growth.document_bytes)}`],
    ['Events recorded', formatCount(events.recorded)],
    ['Written / rejected', `${formatCount(events.written)} / ${formatCount(events.rejected)}`],
  ];
  return (
    <dl className={styles.facts}>
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The current state, and those that an operator may choose next. */
function Lifecycle({ collection: { name, state, next_states } }: { collection: Detail }) {
  return (
    <>
      <Group gap="xs" mb="sm">
        <StateBadge state={state} />
        <Text size="xs" className="quiet">
          {next_states.length > 0 ? 'can become' : 'is final'}
        </Text>
        {next_states.map((next) => (
          <StateBadge key={next} state={next} />
        ))}
      </Group>
      {next_states.length > 0 && <TransitionForm key={state} name={name} nextStates={next_states} />}
    </>
  );
}

/** The indexes, each with the query that it is there for. */
function IndexList({ indexes }: { indexes: Detail['indexes'] }) {
  return (
    <ul className={styles.list} data-testid="indexes">
      {indexes.map((index) => (
        <li key={index.name} data-testid="index" data-index={index.name}>
          <div className={styles.line}>
            <span className={styles.indexKey}>{formatIndexKey(index.key)}</span>
            {index.unique && <Mark text="unique" />}
            {index.expire_after_seconds !== null && <Mark text={expiryOf(index.expire_after_seconds)} />}
          </div>
          <div className={styles.small}>serves {index.serves}</div>
        </li>
      ))}
    </ul>
  );
}

function Mark({ text }: { text: string }) {
  return (
    <Badge variant="default" size="sm" radius="sm" tt="none" fw={500}>
      {text}
    </Badge>
  );
}

function expiryOf(seconds: number): string {
  return seconds === 0 ? 'expires at this time' : `expires after ${formatSeconds(seconds)}`;
}

/** Who moved the collection from state to state, when and why. */
function StateHistory({ history }: { history: Detail['history'] }) {
  if (history.length === 0)
    return <p className={styles.small}>It has been in this state from the beginning.</p>;
  return (
    <ol className={styles.list} data-testid="history">
      {history.map(({ from, to, changed_by, changed_at, reason }) => (
        <li key={`${changed_at} ${to}`} data-testid="state-change" data-to={to}>
          <div>
            {formatState(from)} → {formatState(to)}
            {reason && <span className="quiet">: {reason}</span>}
          </div>
          <div className={styles.small}>
            {changed_by}, <time dateTime={changed_at}>{formatInstant(changed_at)}</time> (
            {formatAgo(changed_at)})
          </div>
        </li>
      ))}
    </ol>
  );
}
