import { Button, Group, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, bodyOf, type Schema } from '../api/client.js';
import { toProblem } from '../api/problem.js';
import { Confirmation } from '../components/confirmation.js';
import { Notice, ProblemNotice } from '../components/notices.js';

const outcomes = {
  replayed: ['Replayed', 'It was delivered, and the letter is settled.'],
  refused: ['Refused again', 'The letter stays open; its reason is new.'],
  requested: [
    'Replay requested',
    'The consumer gets the change at its next turn, and then settles the letter.',
  ],
  discarded: ['Discarded', 'The letter is settled without being replayed.'],
} as const;

type Action = 'replay' | 'discard';
type Outcome = keyof typeof outcomes;

/** Lets an operator replay or discard an open letter, each after a confirmation, and tells the outcome. */
export function LetterActions({
  letter: { id, state, replayable, target },
}: {
  letter: Schema<'DeadLetter'>;
}) {
  const [asked, setAsked] = useState<Action | null>(null);
  const [note, setNote] = useState('');
  const client = useQueryClient();
  const { mutate, isPending, data, error } = useMutation({
    mutationFn: (action: Action) => settle(action, id, note.trim()),
    onSettled: () => {
      setAsked(null);
      return Promise.all([
        client.invalidateQueries({ queryKey: ['dead-letter', id] }),
        client.invalidateQueries({ queryKey: ['dead-letters'] }),
        client.invalidateQueries({ queryKey: ['capture'] }),
      ]);
    },
  });
  const dialog = (action: Action) => ({
    name: action,
    isOpen: asked === action,
    isPending,
    onConfirm: () => mutate(action),
    onClose: () => setAsked(null),
  });
  return (
    <>
      {data && !error && (
        <Notice title={outcomes[data][0]} testid="outcome">
          {outcomes[data][1]}
        </Notice>
      )}
      {error && <ProblemNotice problem={toProblem(error)} />}
      {state === 'open' && (
        <Group my="md">
          <Button size="sm" disabled={!replayable} data-testid="replay" onClick={() => setAsked('replay')}>
            Replay
          </Button>
          <Button size="sm" variant="default" data-testid="discard" onClick={() => setAsked('discard')}>
            Discard
          </Button>
        </Group>
      )}
      <Confirmation {...dialog('replay')} title="Replay this dead letter?" submit="Replay">
        <Text size="sm">{target} is offered once more what it did not take.</Text>
      </Confirmation>
      <Confirmation {...dialog('discard')} title="Discard this dead letter?" submit="Discard for good">
        <TextInput
          label="Note"
          placeholder="Why; kept with the letter"
          size="sm"
          required
          minLength={3}
          maxLength={2_000}
          data-autofocus
          data-testid="discard-note"
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
      </Confirmation>
    </>
  );
}

async function settle(action: Action, id: string, note: string): Promise<Outcome> {
  const params = { path: { id } };
  if (action === 'replay')
    return (await bodyOf(api.POST('/api/v1/dead-letters/{id}/replay', { params }))).outcome;
  await bodyOf(api.POST('/api/v1/dead-letters/{id}/discard', { params, body: { note } }));
  return 'discarded';
}
