import { Group, Text } from '@mantine/core';
import type { CollectionDetail } from '../api/collection.js';
import { StateBadge } from './state-badge.js';
import { TransitionForm } from './transition-form.js';

/** Where the collection stands, and where an operator may take it. */
export function LifecycleSection({ collection }: { collection: CollectionDetail }) {
  const { name, state, next_states } = collection;
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
