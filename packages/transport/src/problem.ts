import { InfratraqError, type InvalidInputError } from '@infratraq/kernel';
import { z } from 'zod';
import { recognizeFault } from './recognize-fault.js';

/** Media type of every error body, RFC 9457. */
export const problemMediaType = 'application/problem+json';

/** An error as HTTP carries it: RFC 9457 problem details with our stable `code`. */
export const problemSchema = z
  .object({
    type: z.string().describe('URI that names the kind of problem'),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('Stable, machine-readable name of the problem'),
    detail: z.string().describe('What is wrong and what to do'),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .describe('Where the input is wrong, one entry per field'),
  })
  // Some problems say more, each in members of its own.
  .catchall(z.unknown())
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problemSchema>;

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request timeout',
  409: 'Conflict',
  412: 'Precondition failed',
  413: 'Content too large',
  414: 'URI too long',
  415: 'Unsupported media type',
  416: 'Range not satisfiable',
  422: 'Unprocessable content',
  429: 'Too many requests',
  431: 'Request header fields too large',
  500: 'Internal error',
  503: 'Service unavailable',
};

/** Builds a problem document. */
export function problem(status: number, code: string, detail: string, errors?: Problem['errors']): Problem {
  const title = titles[status] ?? (status < 500 ? 'Bad request' : 'Internal error');
  return { type: `urn:infratraq:problem:${code}`, title, status, code, detail, ...(errors && { errors }) };
}

const frameworkCodes: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'request.body-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'request.media-type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'request.body-empty',
  FST_ERR_CTP_INVALID_JSON_BODY: 'request.body-not-json',
  FST_ERR_BAD_URL: 'request.url',
  FST_ERR_MAX_PARAM_LENGTH: 'request.url',
};

/** What HTTP frameworks and body parsers say of a request that they refuse. */
interface FrameworkError {
  readonly statusCode: number;
  readonly code: string;
  readonly message: string;
  /** One entry per field that does not match its schema. */
  readonly validation: readonly { readonly instancePath: string; readonly message?: string }[];
}

/**
 * Describes an error as a problem document. A database that is away is a 503; errors of the server's own (500) say
 * nothing of their cause.
 */
export function problemOf(given: unknown): Problem {
  const error = recognizeFault(given) ?? given;
  if (error instanceof InfratraqError && error.status !== 500)
    return { ...membersOf(error), ...problem(error.status, error.code, error.message, errorsOf(error)) };
  const { statusCode, code, message, validation } = (error ?? {}) as Partial<FrameworkError>;
  if (validation) {
    const errors = validation.map((fault) => ({
      path: fault.instancePath,
      message: fault.message ?? 'is not valid',
    }));
    const detail = errors.map((fault) => `${fault.path || '/'}: ${fault.message}`).join('; ');
    return problem(400, 'input.invalid', detail, errors);
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return problem(statusCode, (code && frameworkCodes[code]) ?? defaultCode(statusCode), message ?? '');
  return problem(
    500,
    'internal',
    'Something failed on our side; the cause id of this request finds it in the logs',
  );
}

function errorsOf(error: InfratraqError): Problem['errors'] {
  const { errors } = error as Partial<InvalidInputError>;
  return errors && [...errors];
}

/** What an error says besides, as `members`; RFC 9457 calls them extension members. */
function membersOf(error: InfratraqError): object {
  const { members } = error as { members?: unknown };
  return typeof members === 'object' && members !== null ? members : {};
}

function defaultCode(status: number): string {
  return (
    {
      401: 'unauthenticated',
      403: 'forbidden',
      404: 'not-found',
      405: 'request.method',
      429: 'rate-limited',
    }[status] ?? 'request.invalid'
  );
}
