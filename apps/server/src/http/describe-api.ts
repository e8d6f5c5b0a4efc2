import swagger from '@fastify/swagger';
import scalar from '@scalar/fastify-api-reference';
import type { FastifyPluginAsync, RouteOptions } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';

/** Serves `/openapi.json`, derived from the routes' own schemas, and the API reference at `/docs`. */
export const describeApi = fastifyPlugin(
  async (app) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'InfraTraq document store',
          version: '0.1.0',
          description:
            'Errors are RFC 9457 problem documents with a stable `code`. Lists are paged by an opaque cursor.',
          license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        },
        servers: [{ url: '/', description: 'This server' }],
        security: [{ bearer: [] }],
        components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
      },
      transform: (document) => {
        const { schema, url } = jsonSchemaTransform(document);
        const { config } = document.route;
        const description = [schema.description, describeAdmission(config)].filter(Boolean).join('\n\n');
        return { url, schema: { ...schema, description, ...(config?.public && { security: [] }) } };
      },
      transformObject: (document) => shorten(jsonSchemaTransformObject(document)),
    });
    app.get('/openapi.json', { config: { public: true }, schema: { hide: true } }, () => app.swagger());
    await app.register(apiReference);
  },
  { name: 'infratraq-api-description', fastify: '5.x' },
);

/** Who may call a route, from the same configuration that admits callers. */
function describeAdmission(config: RouteOptions['config']): string {
  if (config?.public) return 'Needs no token.';
  if (config?.roles) return `Needs a token with one of the roles: ${config.roles.join(', ')}.`;
  if (config?.entityRole) return `Needs the role ${config.entityRole} over the entity.`;
  return `Needs a token of any role. ${config?.access ? reaches[config.access] : ''}`.trim();
}

const reaches = {
  own: 'Reaches documents of your own.',
  members: 'Reaches channels that you belong to.',
  scopes: 'Reaches documents of entities that you may see.',
  shared: 'Concerns no entity.',
  everything: 'For those who may see every entity.',
};

/**
 * Describes the answer that all errors share once, and leaves out schemas that nothing refers to: each named schema
 * is listed as input and as output, and most are only one of the two.
 */
function shorten(document: object): object {
  const { components, ...rest } = document as { components?: { schemas?: Record<string, unknown> } };
  const problem = {
    description: 'Problem',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  const repeated = JSON.stringify(problem);
  const shortened = JSON.parse(
    JSON.stringify(rest).replaceAll(repeated, JSON.stringify({ $ref: '#/components/responses/Problem' })),
  ) as { paths: object };

  const schemas = Object.entries(components?.schemas ?? {});
  const used = new Set<string>();
  const follow = (part: unknown): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      follow(schemas.find(([candidate]) => candidate === name) ?? null);
    }
  };
  follow(rest);
  const kept = Object.fromEntries(schemas.filter(([name]) => used.has(name)));
  return {
    ...shortened,
    paths: sortByName(shortened.paths),
    components: { ...components, schemas: sortByName(kept), responses: { Problem: problem } },
  };
}

/** The order in which modules load and routes are registered tells readers nothing. */
function sortByName(entries: object): object {
  return Object.fromEntries(Object.entries(entries).sort(([one], [other]) => (one < other ? -1 : 1)));
}

// Encapsulated, because the reference page brings an inline script that no other page may have.
const apiReference: FastifyPluginAsync = async (app) => {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, public: true };
  });
  app.addHook('onSend', async (_request, reply, payload) => {
    reply.header(
      'content-security-policy',
      "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:",
    );
    // The page names neither its language nor an icon; without one, browsers ask for /favicon.ico.
    return typeof payload === 'string' ? payload.replace('<html>\n  <head>', pageBeginning) : payload;
  });
  await app.register(scalar, {
    routePrefix: '/docs',
    configuration: {
      url: '/openapi.json',
      pageTitle: 'InfraTraq API reference',
      authentication: { preferredSecurityScheme: 'bearer' },
      withDefaultFonts: false,
      telemetry: false,
      showDeveloperTools: 'never',
      agent: { disabled: true },
    },
  });
};

const pageBeginning =
  '<html lang="en">\n  <head>\n    <link rel="icon" type="image/svg+xml" href="/mark.svg">';
