import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { shouldRetry } from './api/problem.js';
import { useSession } from './session.js';
import { Shell } from './shell.js';
import { SignIn } from './sign-in.js';

/** The screen that the address names, or the sign-in page in its place while nobody is signed in. */
export function App() {
  const session = useSession();
  return <Answers key={session?.token}>{session ? <Shell session={session} /> : <SignIn />}</Answers>;
}

/** Keeps the server's answers. Each session has its own, so that the next user sees none of them. */
function Answers({ children }: { children: ReactNode }) {
  const [client] = useState(() => new QueryClient({ defaultOptions: { queries: { retry: shouldRetry } } }));
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}
