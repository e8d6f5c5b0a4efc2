/** A request the server refused, as RFC 9457 problem details say it. */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly status: number,
    readonly title: string,
    readonly code: string,
    readonly detail: string,
  ) {
    super(detail || title);
  }
}

/** Reads problem details from a refused response; a body that is none (a proxy's page) is named by its status. */
export async function readProblem(response: Response): Promise<Problem> {
  const body = await response.text();
  const stated = parseObject(body);
  const text = (field: string) => (typeof stated[field] === 'string' ? stated[field] : undefined);
  return new Problem(
    response.status,
    text('title') ?? (response.statusText || 'The request failed'),
    text('code') ?? `http.${response.status}`,
    text('detail') ?? `The server answered ${response.status} without saying why.`,
  );
}

function parseObject(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Any failure as a problem, so that one component can show it; no answer at all has status 0. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new Problem(0, 'The server did not answer', 'network', detail);
}
