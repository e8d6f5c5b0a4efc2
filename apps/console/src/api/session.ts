import { Problem } from './problem.js';
import { requestJson } from './request-json.js';

const storageKey = 'infratraq.token';

/** The server gives out no tokens, so a person has to bring one, or a better one than the refused. */
export class TokenNeeded extends Error {
  override readonly name = 'TokenNeeded';
  constructor(
    readonly refused: Problem | null,
    cause: Problem,
  ) {
    super('The server gives out no tokens; sign in with one', { cause });
  }
}

/** Keeps a bearer token for as long as this tab is open. */
export function keepToken(token: string): void {
  sessionStorage.setItem(storageKey, token);
}

export function forgetToken(): void {
  sessionStorage.removeItem(storageKey);
}

/**
 * The kept token, or a new one where the server gives them out (the embedded databases on loopback).
 * @throws TokenNeeded where it does not
 */
export async function obtainToken(refused: Problem | null = null): Promise<string> {
  const kept = sessionStorage.getItem(storageKey);
  if (kept) return kept;
  try {
    const { token } = await requestJson<{ token: string }>('/auth/dev-token', {
      body: { user: 'console', roles: ['operator'] },
    });
    keepToken(token);
    return token;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) throw new TokenNeeded(refused, error);
    throw error;
  }
}
