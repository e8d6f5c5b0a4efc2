import { Button, Code, Container, PasswordInput, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { Problem } from '../api/problem.js';
import { keepToken } from '../api/session.js';
import { ProblemNotice } from './problem-notice.js';

/** Asks for a bearer token where the server gives none out. */
export function TokenForm({ refused, onToken }: { refused: Problem | null; onToken: () => void }) {
  const [token, setToken] = useState('');
  return (
    <Container size="xs" py={64}>
      <form
        data-testid="token-form"
        onSubmit={(event) => {
          event.preventDefault();
          keepToken(token.trim());
          onToken();
        }}
      >
        <Title order={1} size="h3">
          InfraTraq document store
        </Title>
        <Text className="quiet" size="sm" mt={4} mb="md">
          Sign in with a bearer token, such as the one <Code>infratraq token</Code> prints. It is kept until
          this tab closes.
        </Text>
        {refused && <ProblemNotice problem={refused} />}
        <PasswordInput
          mt="sm"
          label="Token"
          autoComplete="off"
          autoFocus
          required
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
        />
        <Button type="submit" mt="md" disabled={token.trim() === ''}>
          Sign in
        </Button>
      </form>
    </Container>
  );
}
