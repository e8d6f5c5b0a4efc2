/** Takes down how each part is closed once it is open. */
export type Defer = (close: () => unknown) => void;

/**
 * Opens several parts that stand on each other. The answer's `close` closes them, the last one first; when a part cannot
 * be opened, those before it are closed at once.
 *
 * @throws what `open` throws; `close` throws what the parts threw, after it has closed all of them
 * @example
 * const { close, ...parts } = await openParts(async (defer) => {
 *   const connection = await connect();
 *   defer(() => connection.close());
 *   return { connection };
 * });
 */
export async function openParts<Parts extends object>(
  open: (defer: Defer) => Promise<Parts>,
): Promise<Parts & { close(): Promise<void> }> {
  const deferred: (() => unknown)[] = [];
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= closeInReverse(deferred));
  try {
    const parts = await open((closeOne) => void deferred.push(closeOne));
    return { ...parts, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function closeInReverse(deferred: readonly (() => unknown)[]): Promise<void> {
  const faults: unknown[] = [];
  for (const closeOne of deferred.toReversed()) {
    try {
      await closeOne();
    } catch (error) {
      faults.push(error);
    }
  }
  if (faults.length === 1) throw faults[0];
  if (faults.length > 1) throw new AggregateError(faults, 'Several parts could not be closed');
}
