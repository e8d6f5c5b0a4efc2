import { createHash } from 'node:crypto';
import type { OutgoingMessage } from './sender.js';

/**
 * Names what replaces what on a device: messages of one collapse key, or else the tries of one delivery.
 * 32 characters of base64url, the most that every push service takes.
 */
export function replacementKey({ collapse_key, delivery_id }: OutgoingMessage): string {
  return createHash('sha256')
    .update(collapse_key ?? delivery_id)
    .digest('base64url')
    .slice(0, 32);
}
