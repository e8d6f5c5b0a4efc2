/**
 * Makes a function that works out each of its answers once, for as long as it is kept itself: a page of recipients
 * shares a few time zones and habits, and reading clocks is what costs most in routing.
 *
 * @param work whose answers depend on its parameters alone, and those are what JSON can tell apart
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
