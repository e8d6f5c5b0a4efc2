import { createHash } from 'node:crypto';
import type { LogicalMessage } from '../pgoutput/messages.js';
import { ActorOversizedError, type TellOddity } from './oddities.js';
import { actorPrefix } from './own-messages.js';

/** Who is behind a transaction, as far as it said so. */
export interface TransactionActor {
  user_id: string;
  ip_address?: string;
  session_id?: string;
  cause_id?: string;
  reason?: string;
}

/** Longest texts that are taken over as they are, in UTF-16 units: any role may write such messages. */
const mostLengths = { user_id: 200, ip_address: 200, session_id: 200, cause_id: 200, reason: 2_000 } as const;
const fieldNames = Object.keys(mostLengths) as (keyof TransactionActor)[];

/** Longest message that is parsed; all fields at their longest fit in it. */
const mostBytes = 64 << 10;

/**
 * Reads the actor that a transaction named.
 *
 * Anybody may write logical messages: one that is no actor of ours, or larger than any, answers undefined and is as good
 * as none. Fields that are longer than an id are cut, and end with a digest of the whole, so that what differed still
 * does.
 */
export function readActor(message: LogicalMessage, tell: TellOddity): TransactionActor | undefined {
  const { transactional, prefix, content, contentBytes } = message;
  if (!transactional || prefix !== actorPrefix) return undefined;
  if (contentBytes > mostBytes) {
    tell(new ActorOversizedError(['all']));
    return undefined;
  }
  const fields = parseObject(content.toString());
  if (fields === undefined) return undefined;
  const odd: string[] = [];
  const read = (name: keyof TransactionActor): string | undefined => {
    const value = fields[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') {
      odd.push(name);
      return undefined;
    }
    if (value.length > mostLengths[name]) odd.push(name);
    return boundText(value, mostLengths[name]);
  };
  const found = Object.fromEntries(
    fieldNames.map((name) => [name, read(name)]).filter(([, text]) => text !== undefined),
  ) as Partial<TransactionActor>;
  if (odd.length > 0) tell(new ActorOversizedError(odd));
  const { user_id } = found;
  return user_id === undefined || user_id === '' ? undefined : { ...found, user_id };
}

const digestLength = 16;

/** A text that every database takes: well-formed, without null characters, and no longer than told. */
function boundText(text: string, most: number): string {
  const whole = makeWellFormed(text).replaceAll('\0', '\ufffd');
  if (whole.length <= most) return whole;
  const digest = createHash('sha256').update(whole).digest('hex').slice(0, digestLength);
  return `${makeWellFormed(whole.slice(0, most - digestLength - 1))}\u2026${digest}`;
}

/** UTF-8 has no form for half a character. */
function makeWellFormed(text: string): string {
  return Buffer.from(text).toString();
}

/** Arrays, too: their fields are none of an actor's. */
function parseObject(text: string): Partial<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
