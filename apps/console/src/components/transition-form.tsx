import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { CollectionState } from '../api/collection.js';
import { toProblem } from '../api/problem.js';
import { useTransition } from '../api/use-transition.js';
import { formatState } from '../format/name.js';
import { ProblemNotice } from './problem-notice.js';

/** Lets an operator move a collection to its next state, with a reason for the history. */
export function TransitionForm({
  name,
  nextStates,
}: {
  name: string;
  nextStates: readonly CollectionState[];
}) {
  const [chosen, setChosen] = useState<string>();
  const [reason, setReason] = useState('');
  const { mutate, isPending, error } = useTransition(name);
  const to = nextStates.find((state) => state === chosen) ?? nextStates[0];
  if (to === undefined) return null;
  return (
    <form
      data-testid="transition-form"
      onSubmit={(event) => {
        event.preventDefault();
        mutate({ to, reason: reason.trim() });
      }}
    >
      <Stack gap="sm">
        <Group grow align="flex-start" preventGrowOverflow={false}>
          <NativeSelect
            label="New state"
            size="sm"
            data-testid="transition-to"
            value={to}
            onChange={(event) => setChosen(event.currentTarget.value)}
            data={nextStates.map((state) => ({ value: state, label: formatState(state) }))}
          />
          <TextInput
            label="Reason"
            placeholder="Kept in the state history"
            size="sm"
            required
            data-testid="transition-reason"
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        </Group>
        {error && <ProblemNotice problem={toProblem(error)} />}
        <Button
          type="submit"
          size="sm"
          color={to === 'deleted' ? 'red' : undefined}
          loading={isPending}
          data-testid="transition-submit"
          style={{ alignSelf: 'flex-start' }}
        >
          {to === 'deleted' ? 'Delete for good' : 'Change state'}
        </Button>
      </Stack>
    </form>
  );
}
