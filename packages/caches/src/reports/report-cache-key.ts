import { createHash } from 'node:crypto';
import { writePythonJson } from './python-json.js';

/**
 * The key under which every service finds the same report: the SHA-256 hex of `type:json`,
 * with the parameters as Python's `json.dumps(params, sort_keys=True)` writes them.
 *
 * @throws InvalidInputError `json.value` when JSON cannot carry the parameters
 */
export function reportCacheKey(type: string, parameters: unknown): string {
  return createHash('sha256')
    .update(`${type}:${writePythonJson(parameters)}`, 'utf8')
    .digest('hex');
}
