import { readProblem } from './problem.js';

export interface JsonRequest {
  /** Sent as JSON by POST; without it the request is a GET. */
  readonly body?: unknown;
  readonly token?: string;
  readonly signal?: AbortSignal;
}

/**
 * One request to `/api/v1`, answered in JSON.
 * @throws Problem when the server refuses it
 */
export async function requestJson<Answer>(path: string, { body, token, signal }: JsonRequest = {}) {
  const response = await fetch(`/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
  if (!response.ok) throw await readProblem(response);
  return (await response.json()) as Answer;
}
