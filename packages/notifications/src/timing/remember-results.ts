/**
 * Memoises a function. A page of recipients shares a few time zones and habits, and time zone arithmetic dominates the
 * cost of routing.
 *
 * @param work a pure function whose parameters JSON tells apart
 */
export function rememberResults<Parameters extends readonly unknown[], Result>(
  work: (...parameters: Parameters) => Result,
): (...parameters: Parameters) => Result {
  const results = new Map<string, Result>();
  return (...parameters) => {
    const key = JSON.stringify(parameters);
    const known = results.get(key);
    if (known !== undefined || results.has(key)) return known as Result;
    const result = work(...parameters);
    results.set(key, result);
    return result;
  };
}
