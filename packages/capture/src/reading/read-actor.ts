import type { LogicalMessage } from '../pgoutput/messages.js';

/** Who is behind a transaction, as far as it said so. */
export interface TransactionActor {
  user_id: string;
  ip_address?: string;
  session_id?: string;
  cause_id?: string;
  reason?: string;
}

const optionalFields = ['ip_address', 'session_id', 'cause_id', 'reason'] as const;

/**
 * Reads the actor that a transaction named.
 *
 * Anybody may write logical messages: one that is no actor of ours answers undefined and is as good as none.
 */
export function readActor({ transactional, prefix, content }: LogicalMessage): TransactionActor | undefined {
  if (!transactional || prefix !== 'infratraq.actor') return undefined;
  const fields = parseObject(content.toString());
  if (typeof fields?.['user_id'] !== 'string' || fields['user_id'] === '') return undefined;
  const actor: TransactionActor = { user_id: fields['user_id'] };
  for (const name of optionalFields) {
    const value = fields[name];
    if (typeof value === 'string') actor[name] = value;
  }
  return actor;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
