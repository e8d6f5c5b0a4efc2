import { InvalidInputError } from '@infratraq/kernel';
import type { Models, Page, Stored } from '@infratraq/mongo';
import type { ApiRequestLog } from '../collections/api-request-log.js';
import {
  listRequestsByStatusClass,
  listRequestsInTime,
  listRequestsOfRoute,
  listRequestsOfUser,
  type RequestConditions,
} from '../collections/api-request-log.queries.js';

/**
 * Lists logged requests that match all conditions, newest first, by the index that narrows the most.
 * @throws InvalidInputError `time.range`, `cursor.invalid`
 */
export async function listRequests(
  models: Models,
  { user_id, route, status_class, from, to }: RequestConditions,
  page: { cursor?: string | undefined; limit: number },
): Promise<Page<Stored<ApiRequestLog>>> {
  if (from && to && from >= to)
    throw new InvalidInputError('The time range is empty: from must be before to', { code: 'time.range' });
  const range = { ...(from && { from }), ...(to && { to }) };
  if (user_id !== undefined)
    return models.page(listRequestsOfUser, { user_id, route, status_class, ...range }, page);
  if (route !== undefined) return models.page(listRequestsOfRoute, { route, status_class, ...range }, page);
  if (status_class !== undefined)
    return models.page(listRequestsByStatusClass, { status_class, ...range }, page);
  return models.page(listRequestsInTime, range, page);
}
