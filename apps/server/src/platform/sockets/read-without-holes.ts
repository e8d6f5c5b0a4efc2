import type { Redis } from 'ioredis';

type Entry = [id: string, fields: string[]];
type Reply = [stream: string, entries: Entry[]][] | null;
type Read = (...parameters: (string | number)[]) => Promise<Reply>;

/**
 * Makes the adapter's connection read its stream from an exact place, and tells when entries were missed.
 *
 * The adapter itself asks for what comes after the question (`$`) until it has read something, so that entries between
 * two questions are lost; it does not notice that its connection was gone, nor that Redis came back empty or that the
 * stream was trimmed before it was read.
 */
export function readWithoutHoles(reader: Redis, onHole: () => void): void {
  const xread = reader.xread.bind(reader) as unknown as Read;
  let last: string | undefined;
  let isPlaced = false;
  let wasAway = false;
  reader.on('close', () => {
    isPlaced = false;
    wasAway = true;
  });

  const read: Read = async (...parameters) => {
    const stream = String(parameters.at(-2));
    if (!isPlaced) {
      const top = await whileConnected(reader, () => reader.xrevrange(stream, '+', '-', 'COUNT', 1));
      const end = top[0]?.[0] ?? '0-0';
      // A Redis that came back empty, or another in its place, begins anew.
      last = last === undefined || isAfter(last, end) ? end : last;
      isPlaced = true;
      if (wasAway) onHole();
      wasAway = false;
    }
    const before = last as string;
    const reply = await whileConnected(reader, () => xread(...parameters.slice(0, -1), before));
    const entries = reply?.[0]?.[1] ?? [];
    last = entries.at(-1)?.[0] ?? last;
    const isBehind = entries.length >= Number(parameters[parameters.indexOf('COUNT') + 1]);
    if (isBehind && (await isTrimmedBehind(reader, stream, before))) onHole();
    return reply;
  };
  reader.xread = read as unknown as Redis['xread'];
}

/** Whether the stream no longer has the entry that was read last, so that others after it may be gone too. */
async function isTrimmedBehind(reader: Redis, stream: string, last: string): Promise<boolean> {
  const [first] = await whileConnected(reader, () => reader.xrange(stream, '-', '+', 'COUNT', 1));
  return first !== undefined && isAfter(first[0], last) && last !== '0-0';
}

/** Waits for the connection, and fails when it is lost before the answer: ioredis would leave that open for ever. */
async function whileConnected<Answer>(reader: Redis, ask: () => Promise<Answer>): Promise<Answer> {
  if (reader.status !== 'ready') await new Promise<void>((resolve) => reader.once('ready', () => resolve()));
  return new Promise<Answer>((resolve, reject) => {
    const fail = () => reject(new Error('The connection to Redis was lost'));
    reader.once('close', fail);
    ask()
      .then(resolve, reject)
      .finally(() => reader.off('close', fail));
  });
}

/** Ids are milliseconds and a number within them. */
function isAfter(id: string, other: string): boolean {
  const [time = 0n, number = 0n] = id.split('-').map(BigInt);
  const [otherTime = 0n, otherNumber = 0n] = other.split('-').map(BigInt);
  return time > otherTime || (time === otherTime && number > otherNumber);
}
