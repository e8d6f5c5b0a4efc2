import createClient from 'openapi-fetch';
import { endSession, readToken } from '../session.js';
import type { components, paths } from './generated.js';
import { readProblem } from './problem.js';

/** A schema of the API by its name. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];

/** The API, typed by its description; sends the session's token, and throws a `Problem` for whatever is refused. */
export const api = createClient<paths>({ baseUrl: '/' });

api.use({
  onRequest({ request }) {
    const token = readToken();
    if (token !== null) request.headers.set('authorization', `Bearer ${token}`);
    return request;
  },
  async onResponse({ request, response }) {
    if (response.ok) return;
    const problem = await readProblem(response);
    if (response.status === 401 && request.headers.has('authorization')) endSession(problem.detail);
    throw problem;
  },
});

/** The body of an answer. */
export async function bodyOf<Body>(asked: Promise<{ data?: Body }>): Promise<Body> {
  return (await asked).data as Body;
}
