import { createHash } from 'node:crypto';
import type { OutgoingMessage } from './sender.js';

/**
 * The key by which a push replaces an earlier one on the device: the same for messages with one collapse key, else for
 * the tries of one delivery. 32 characters of base64url, the most that every push service takes.
 */
export function replacementKey({ collapse_key, delivery_id }: OutgoingMessage): string {
  return createHash('sha256')
    .update(collapse_key ?? delivery_id)
    .digest('base64url')
    .slice(0, 32);
}
