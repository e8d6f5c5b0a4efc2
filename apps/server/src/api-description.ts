import swagger from '@fastify/swagger';
import scalar from '@scalar/fastify-api-reference';
import type { FastifyPluginAsync } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';

/** Serves `/openapi.json`, made from the routes' own schemas, and the API reference at `/docs`. */
export const describeApi = fastifyPlugin(
  async (app) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'InfraTraq document store',
          version: '0.1.0',
          description:
            'Errors are RFC 9457 problem documents with a stable `code`; lists go by opaque cursor.',
          license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        },
        components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
      },
      transform: (document) => {
        const described = jsonSchemaTransform(document);
        const isPublic = document.route.config?.public === true;
        return isPublic
          ? described
          : { ...described, schema: { ...described.schema, security: [{ bearer: [] }] } };
      },
      transformObject: jsonSchemaTransformObject,
    });
    app.get('/openapi.json', { config: { public: true }, schema: { hide: true } }, () => app.swagger());
    await app.register(apiReference);
  },
  { name: 'infratraq-api-description', fastify: '5.x' },
);

// Encapsulated, because the reference page brings an inline script that no other page may have.
const apiReference: FastifyPluginAsync = async (app) => {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, public: true };
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.header(
      'content-security-policy',
      "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:",
    );
  });
  await app.register(scalar, {
    routePrefix: '/docs',
    configuration: {
      url: '/openapi.json',
      withDefaultFonts: false,
      telemetry: false,
      showDeveloperTools: 'never',
      agent: { disabled: true },
    },
  });
};
