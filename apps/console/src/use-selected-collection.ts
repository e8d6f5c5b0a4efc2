import { useSyncExternalStore } from 'react';

const parameter = 'collection';

/** The collection in detail, kept in the address so that it can be shared and left with the back button. */
export function useSelectedCollection(): [string | null, (name: string | null) => void] {
  return [useSyncExternalStore(subscribe, readSelected), select];
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener('popstate', onChange);
  return () => window.removeEventListener('popstate', onChange);
}

function readSelected(): string | null {
  return new URLSearchParams(window.location.search).get(parameter);
}

function select(name: string | null): void {
  const address = new URL(window.location.href);
  if (name === null) address.searchParams.delete(parameter);
  else address.searchParams.set(parameter, name);
  window.history.pushState(null, '', address);
  // pushState itself tells nobody.
  window.dispatchEvent(new PopStateEvent('popstate'));
}
