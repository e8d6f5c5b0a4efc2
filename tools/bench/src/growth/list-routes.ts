/** How a list of the API is asked for its first page. */
export interface ListRequest {
  /** What fills the path's parameters, in their order. */
  readonly parameters?: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  /** Why the route is none of the lists that are measured. */
  readonly isNoList?: string;
  /** An answer that an engine without the feature gives. */
  readonly refusedWith?: number;
}

const project = ['projects', '0'];

/** A request for each list of the API; a list without one fails the benchmark. */
export const listRequests: Readonly<Record<string, ListRequest>> = {
  '/api/v1/analytics/{metric}': {
    parameters: ['growth.metric'],
    query: { granularity: 'daily' },
    refusedWith: 404,
  },
  '/api/v1/audit/changes': {},
  '/api/v1/audit/entities/{type}/{id}': { parameters: project },
  '/api/v1/audit/entities/{type}/{id}/fields/{field}': { parameters: [...project, 'status'] },
  '/api/v1/audit/field-changes': { query: { changed_by: 'u-1' } },
  '/api/v1/audit/verify': { isNoList: 'it reads all that no seal covers yet, and here nothing is sealed' },
  '/api/v1/capture/refused': {},
  '/api/v1/capture/tables': { isNoList: 'it lists the tables of PostgreSQL' },
  '/api/v1/channels': {},
  '/api/v1/channels/{id}/messages': { parameters: ['growth'] },
  '/api/v1/channels/{id}/search': { parameters: ['growth'], query: { q: 'bridge' } },
  '/api/v1/comments/followed': {},
  '/api/v1/comments/mentions': {},
  '/api/v1/dead-letters': { query: { order: 'newest' } },
  '/api/v1/emails': { query: { participant: 'inspector@site.example' } },
  '/api/v1/emails/{email_id}/conversation': { parameters: ['email'] },
  '/api/v1/entities/{type}/{id}/attachments': { parameters: project },
  '/api/v1/entities/{type}/{id}/comments': { parameters: project },
  '/api/v1/entities/{type}/{id}/emails': { parameters: project },
  '/api/v1/entities/{type}/{id}/messages': { parameters: project },
  '/api/v1/integrations/requests': {},
  '/api/v1/layouts': {},
  '/api/v1/messages/mentions': {},
  '/api/v1/messages/{message_id}/thread': { parameters: ['message'] },
  '/api/v1/notifications': {},
  '/api/v1/search': { query: { q: 'bridge' }, refusedWith: 503 },
  '/api/v1/search/suggest': { query: { q: 'br' } },
};

interface ApiDescription {
  readonly paths: Readonly<
    Record<string, { get?: { parameters?: readonly { name: string; in: string }[] } }>
  >;
}

/** The lists that an API description has: whatever takes a limit. */
export function findLists({ paths }: ApiDescription): string[] {
  return Object.entries(paths)
    .filter(([, { get }]) =>
      get?.parameters?.some(({ name, in: place }) => place === 'query' && name === 'limit'),
    )
    .map(([path]) => path)
    .filter((path) => listRequests[path]?.isNoList === undefined)
    .sort();
}

/**
 * The address of a list's first page; `named` gives what is not known before the collections are filled.
 * @throws Error for a list that has no request yet
 */
export function writeRequest(path: string, named: Readonly<Record<string, string>>): string {
  const request = listRequests[path];
  if (!request)
    throw new Error(
      `The list ${path} is not measured; say in list-routes.ts how it is asked for its first page`,
    );
  const parameters = [...(request.parameters ?? [])];
  const filled = path.replaceAll(/\{[^}]+\}/g, () => {
    const parameter = parameters.shift() ?? '';
    return encodeURIComponent(named[parameter] ?? parameter);
  });
  const query = new URLSearchParams(request.query).toString();
  return query === '' ? filled : `${filled}?${query}`;
}
