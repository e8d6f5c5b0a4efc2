import { Button, Checkbox, Code, Group, PasswordInput, Paper, TextInput, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, bodyOf } from './api/client.js';
import { toProblem } from './api/problem.js';
import { Notice, ProblemNotice } from './components/notices.js';
import { beginSession, readEnding, roles, type Role } from './session.js';
import { ColorSchemeSwitch } from './shell.js';
import styles from './sign-in.module.css';

/** Asks who is there: by a development token where the server makes them, or by a token of one's own. */
export function SignIn() {
  useDocumentTitle('Sign in · InfraTraq');
  const { data: makesTokens } = useQuery({ queryKey: ['makes-tokens'], queryFn: askWhetherTokensAreMade });
  const ending = readEnding();
  return (
    <main className={styles.page} data-testid="sign-in">
      <div className={styles.card}>
        <Group justify="space-between" mb="lg" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <img src="/mark.svg" alt="" width={32} height={32} />
            <Title order={1} size="h3">
              Sign in to InfraTraq
            </Title>
          </Group>
          <ColorSchemeSwitch />
        </Group>
        {ending && (
          <Notice title="Your session has ended" testid="session-ended">
            {ending}
          </Notice>
        )}
        {makesTokens && <DevelopmentTokenForm />}
        <TokenForm />
      </div>
    </main>
  );
}

/** The route exists only in development, and so does its description. */
async function askWhetherTokensAreMade(): Promise<boolean> {
  const description = (await (await fetch('/openapi.json')).json()) as { paths?: object };
  return '/api/v1/auth/dev-token' in (description.paths ?? {});
}

function DevelopmentTokenForm() {
  const [user, setUser] = useState('console');
  const [chosen, setChosen] = useState<Role[]>(['operator']);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => bodyOf(api.POST('/api/v1/auth/dev-token', { body: { user, roles: chosen } })),
    onSuccess: ({ token }) => beginSession(token),
  });
  return (
    <Paper
      component="form"
      className={styles.form}
      data-testid="development-token-form"
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Title order={2} size="h5">
        For development
      </Title>
      <p className="quiet">This server makes tokens for anybody on this machine.</p>
      <TextInput
        label="User"
        required
        autoComplete="username"
        data-testid="user"
        value={user}
        onChange={(event) => setUser(event.currentTarget.value)}
      />
      <Checkbox.Group
        label="Roles"
        mt="sm"
        value={chosen}
        onChange={(values) => setChosen(roles.filter((role) => values.includes(role)))}
      >
        <Group mt={6} gap="md">
          {roles.map((role) => (
            <Checkbox key={role} value={role} label={role} data-testid={`role-${role}`} />
          ))}
        </Group>
      </Checkbox.Group>
      {error && <ProblemNotice problem={toProblem(error)} />}
      <Button
        type="submit"
        mt="md"
        loading={isPending}
        disabled={chosen.length === 0}
        data-testid="submit-user"
      >
        Sign in
      </Button>
    </Paper>
  );
}

function TokenForm() {
  const [token, setToken] = useState('');
  const [isRefused, setRefused] = useState(false);
  return (
    <Paper
      component="form"
      className={styles.form}
      data-testid="token-form"
      onSubmit={(event) => {
        event.preventDefault();
        setRefused(!beginSession(token.trim()));
      }}
    >
      <Title order={2} size="h5">
        With a token
      </Title>
      <p className="quiet">
        A bearer token, such as the one that <Code>infratraq token</Code> prints. It is kept until this tab
        closes.
      </p>
      <PasswordInput
        label="Token"
        autoComplete="off"
        required
        data-testid="token"
        error={isRefused && 'This is no token with a user and roles.'}
        value={token}
        onChange={(event) => setToken(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" mt="md" data-testid="submit-token">
        Sign in
      </Button>
    </Paper>
  );
}
