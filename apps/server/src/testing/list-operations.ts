import type { JsonSchema } from './sample-schema.js';

/** A method of a path, with what it takes. */
export interface Operation {
  path: string;
  method: string;
  parameters: { name: string; in: 'query' | 'path' | 'header'; schema: JsonSchema }[];
  body: JsonSchema | undefined;
  secured: boolean;
}

/** The part of the API's description that tests read. */
export interface ApiDescription {
  paths: Record<
    string,
    Record<string, { parameters?: Operation['parameters']; requestBody?: RequestBody; security?: unknown[] }>
  >;
  components: { schemas: Record<string, JsonSchema> };
}
interface RequestBody {
  content: Record<string, { schema: JsonSchema }>;
}

/** Lists every operation below `/api/v1`. */
export function listOperations({ paths }: ApiDescription): Operation[] {
  return Object.entries(paths)
    .filter(([path]) => path.startsWith('/api/v1'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { parameters = [], requestBody, security }]) => ({
        path,
        method: method.toUpperCase(),
        parameters,
        body: requestBody?.content['application/json']?.schema,
        secured: (security?.length ?? 0) > 0,
      })),
    );
}
