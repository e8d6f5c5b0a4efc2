import { useSyncExternalStore } from 'react';
import type { paths } from './api/generated.js';

type TokenRequest = paths['/api/v1/auth/dev-token']['post']['requestBody']['content']['application/json'];

/** A role as tokens carry it. */
export type Role = NonNullable<TokenRequest['roles']>[number];
export const roles = ['member', 'operator', 'auditor', 'admin'] as const satisfies readonly Role[];

/** Who is signed in, as the token says. */
export interface Session {
  readonly token: string;
  readonly user: string;
  readonly roles: readonly string[];
}

const tokenKey = 'infratraq.token';
const endingKey = 'infratraq.session-ended';
const changed = 'infratraq:session-changed';

/** The bearer token, kept for as long as this tab is open. */
export function readToken(): string | null {
  return sessionStorage.getItem(tokenKey);
}

/** Begins a session; false when the text is no token. */
export function beginSession(token: string): boolean {
  if (!readSession(token)) return false;
  store(token, '');
  return true;
}

/** Ends the session; a reason is shown where the user signs in again. */
export function endSession(reason = ''): void {
  store(null, reason);
}

/** Why the last session ended; empty when the user signed out. */
export function readEnding(): string {
  return sessionStorage.getItem(endingKey) ?? '';
}

/** The session, or null while nobody is signed in. */
export function useSession(): Session | null {
  return readSession(useSyncExternalStore(subscribe, readToken));
}

/** Reads who a token is for. It is not verified here: the server does that on every request. */
export function readSession(token: string | null): Session | null {
  const payload = token?.split('.')[1];
  if (!token || !payload) return null;
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (character) =>
      character.charCodeAt(0),
    );
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: unknown; roles?: unknown };
    if (typeof claims.sub !== 'string' || !Array.isArray(claims.roles)) return null;
    return { token, user: claims.sub, roles: claims.roles.map(String) };
  } catch {
    return null;
  }
}

function store(token: string | null, ending: string): void {
  if (token === null) sessionStorage.removeItem(tokenKey);
  else sessionStorage.setItem(tokenKey, token);
  sessionStorage.setItem(endingKey, ending);
  window.dispatchEvent(new Event(changed));
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener(changed, onChange);
  return () => window.removeEventListener(changed, onChange);
}
