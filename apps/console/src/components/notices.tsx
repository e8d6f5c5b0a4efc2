import { Alert, Button, Skeleton, Stack, Text, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import { toProblem, type Problem } from '../api/problem.js';

/** Something worth knowing that is no error. */
export function Notice({ title, testid, children }: { title: string; testid: string; children: ReactNode }) {
  return (
    <Alert className="notice" variant="default" role="status" title={title} data-testid={testid}>
      {children}
    </Alert>
  );
}

/** What the server refused and why, announced to screen readers as it appears. */
export function ProblemNotice({ problem }: { problem: Problem }) {
  return (
    <Alert
      className="notice"
      color="red"
      variant="default"
      role="alert"
      title={problem.title}
      data-testid="problem"
      data-code={problem.code}
    >
      <Text size="sm">{problem.detail}</Text>
      <Text size="xs" className="quiet monospace" mt={4}>
        {problem.code}
      </Text>
    </Alert>
  );
}

/** Nothing could be loaded at all. */
export function Failure({ error, onRetry }: { error: Error; onRetry: () => void }) {
  return (
    <div data-testid="failure">
      <ProblemNotice problem={toProblem(error)} />
      <Button mt="md" variant="default" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}

/** Stands where a list will be. */
export function Loading({ what, rows = 12 }: { what: string; rows?: number }) {
  return (
    <Stack gap="xs" role="status" data-testid="loading">
      <VisuallyHidden>Loading {what}</VisuallyHidden>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={40} />
      ))}
    </Stack>
  );
}
