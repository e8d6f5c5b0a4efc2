import { Problem } from './problem.js';
import { requestJson, type JsonRequest } from './request-json.js';
import { forgetToken, obtainToken } from './session.js';

/**
 * A request with the user's bearer token; a token that has expired is replaced once.
 * @throws Problem when the server refuses the request
 * @throws TokenNeeded when only a person can supply a token
 */
export async function requestAsUser<Answer>(path: string, request: JsonRequest = {}): Promise<Answer> {
  try {
    return await requestJson<Answer>(path, { ...request, token: await obtainToken() });
  } catch (error) {
    if (!(error instanceof Problem && error.status === 401)) throw error;
    forgetToken();
    return requestJson<Answer>(path, { ...request, token: await obtainToken(error) });
  }
}
