import type { components } from './generated.js';

type ProblemDocument = components['schemas']['Problem'];

/** A request that the server refused, as its RFC 9457 problem document says it. */
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

/** Reads the problem document of a refused response; any other body (a proxy's page) is named by its status. */
export async function readProblem(response: Response): Promise<Problem> {
  const stated = parseDocument(await response.text());
  return new Problem(
    response.status,
    stated.title ?? (response.statusText || 'The request failed'),
    stated.code ?? `http.${response.status}`,
    stated.detail ?? `The server answered ${response.status} without a reason.`,
  );
}

function parseDocument(body: string): Partial<ProblemDocument> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Any failure as a problem, so that one component can show it; status 0 means that no answer came. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new Problem(0, 'The server did not answer', 'network', detail);
}

/** Only a server that is lost or overloaded is worth one more try at once. */
export function shouldRetry(failures: number, error: Error): boolean {
  return failures < 1 && !(error instanceof Problem && error.status < 500);
}
