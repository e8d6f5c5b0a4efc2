import type { Role, ScopeRole } from '@infratraq/kernel';
import type { RouteOptions } from 'fastify';
import { z } from 'zod';
import type { PlantedParameters } from './plant-documents.js';
import { secretWord } from './plant-documents.js';
import { sample, type JsonSchema } from './sample-schema.js';

/** Who may call a route, as its configuration says. */
export type RouteRule =
  | { readonly kind: 'public' }
  | { readonly kind: 'roles'; readonly roles: readonly Role[] }
  | { readonly kind: 'entity'; readonly role: ScopeRole }
  | { readonly kind: 'own' | 'members' | 'scopes' | 'shared' | 'everything' };

/** A request to a route, made of planted documents. */
export interface Call {
  readonly name: string;
  readonly rule: RouteRule | undefined;
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
  /** Whether its path names a planted document. */
  readonly names: boolean;
}

/** Values that no schema tells. */
const sampledFields: Readonly<Record<string, unknown>> = {
  entity_type: 'assets',
  entity_id: '1',
  kind: 'pinned',
  q: secretWord,
  type: 'assets',
};

const alert = {
  name: 'Mine',
  kind: 'entity',
  entity_type: 'assets',
  field: 'kind',
  condition: { operator: 'changed' },
  channels: ['in_app'],
};

/** Bodies whose fields depend on each other. */
const bodies: Readonly<Record<string, unknown>> = {
  'PATCH /api/v1/channels/:id': { title: 'Mine' },
  'POST /api/v1/alerts/configs': { ...alert, entity_id: '1' },
  'PUT /api/v1/alerts/configs/:id': { version: 1, config: alert },
};

/** The rule that a route declares; undefined where it declares none. */
function ruleOf({ config = {} }: Pick<RouteOptions, 'config'>): RouteRule | undefined {
  if (config.public) return { kind: 'public' };
  if (config.roles) return { kind: 'roles', roles: config.roles };
  if (config.entityRole) return { kind: 'entity', role: config.entityRole };
  return config.access && { kind: config.access };
}

/** One call for each method of each route. */
export function listCalls(routes: readonly RouteOptions[], planted: PlantedParameters): Call[] {
  // Preflight requests are answered before any route.
  const served = routes.filter(({ url }) => url !== '*');
  return served.flatMap((route) =>
    [route.method].flat().map((method) => ({
      name: `${method} ${route.url}`,
      rule: ruleOf(route),
      method,
      url: `${fillPath(route.url, planted)}${queryOf(route)}`,
      body: ['GET', 'HEAD', 'OPTIONS'].includes(method)
        ? undefined
        : (bodies[`${method} ${route.url}`] ?? sampleOf(route.schema?.body)),
      names: route.url.includes(':'),
    })),
  );
}

/** A payload of an event that is about planted documents. */
export function payloadOf(schema: z.ZodType, planted: PlantedParameters): unknown {
  const values: Record<string, unknown> = {
    channel: planted['id of /channels'],
    message_id: planted['message_id'],
    id: planted['id of /notifications'],
    ids: [planted['id of /notifications']],
    emoji: '👍',
    limit: 50,
  };
  const { required = [] } = describe(schema);
  const made = sampleOf(schema) as Record<string, unknown>;
  return Object.fromEntries(required.map((name) => [name, values[name] ?? made[name]]));
}

function fillPath(url: string, planted: PlantedParameters): string {
  const domain = /^(?:\/api\/v1)?(\/[^/]+)/.exec(url)?.[1] ?? '';
  return url.replaceAll(/:(\w+)(\([^/]*\))?/g, (_, name: string) => {
    const key = url.includes('/deliveries/') && name === 'id' ? 'id of deliveries' : `${name} of ${domain}`;
    const value = planted[key] ?? planted[name];
    // Only the console's own screens are left, which are pages for everybody.
    return encodeURIComponent(value ?? 'home');
  });
}

function queryOf({ schema }: RouteOptions): string {
  if (!(schema?.querystring instanceof z.ZodType)) return '';
  const { properties = {}, required = [] } = describe(schema.querystring);
  const values = required.map((name) => [name, String(sampledFields[name] ?? sampleOf(properties[name]))]);
  return values.length === 0 ? '' : `?${new URLSearchParams(values as [string, string][])}`;
}

function sampleOf(schema: unknown): unknown {
  if (schema === undefined) return undefined;
  const described = schema instanceof z.ZodType ? describe(schema) : (schema as JsonSchema);
  const made = sample(described, () => ({}));
  if (typeof made !== 'object' || made === null || Array.isArray(made)) return made;
  return Object.fromEntries(
    Object.entries(made).flatMap(([name, value]) =>
      described.required?.includes(name) ? [[name, sampledFields[name] ?? value]] : [],
    ),
  );
}

function describe(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as JsonSchema;
}
