import { ForbiddenError, InvalidInputError, NotFoundError } from '@infratraq/kernel';
import { entityParameters, requireActor } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import type { LinkRevocations } from './link-revocations.js';

/** What the routes of links work with. */
export interface LinkRoutesOptions {
  readonly revocations: LinkRevocations;
  /** For whom a link was made; undefined for a token of nobody's. */
  readonly ownerOf: (token: string) => string | undefined;
}

const body = z.strictObject({
  url: z.string().min(1).max(8_000).optional().describe('One link: to a file, to unsubscribe, or of a mail'),
  user_id: z.string().min(1).max(200).optional().describe('All links that were made for a person'),
});
const tags = ['links'];

/** Routes that revoke links. */
export const linkRoutes = defineRoutes<LinkRoutesOptions>(async (app, { revocations, ownerOf }) => {
  app.post(
    '/links/revocations',
    {
      config: { access: 'own', errors: [404] },
      schema: {
        summary: "Revoke a link, or all links of a person; one's own, or any as an operator",
        description: 'Give either `url` or `user_id`. Links that are made later work.',
        tags,
        body,
        response: { 204: z.null() },
      },
    },
    async ({ body: { url, user_id } }, reply) => {
      if ((url === undefined) === (user_id === undefined))
        throw new InvalidInputError('Give either a url or a user_id', { code: 'link.either' });
      const token = url === undefined ? undefined : tokenOf(url);
      const owner = token === undefined ? user_id : ownerOf(token);
      const { user_id: actor, roles } = requireActor();
      const mayAny = roles.includes('operator') || roles.includes('admin');
      if (owner === undefined || (token !== undefined && owner !== actor && !mayAny))
        throw new NotFoundError('There is no such link of yours', 'link.unknown');
      if (owner !== actor && !mayAny)
        throw new ForbiddenError("Other people's links are revoked by operators", 'link.forbidden');
      await revocations.revoke(token === undefined ? { user_id: owner } : { token }, actor);
      return reply.status(204).send(null);
    },
  );

  app.delete(
    '/entities/:type/:id/attachments/:file_id/links',
    {
      config: { entityRole: 'member' },
      schema: {
        summary: 'Revoke all links to a file',
        tags,
        params: entityParameters.extend({ file_id: z.string().min(1).max(100) }),
        response: { 204: z.null() },
      },
    },
    async ({ params: { type, id, file_id } }, reply) => {
      const file = { entity_type: type, entity_id: id, file_id };
      await revocations.revoke({ file }, requireActor().user_id);
      return reply.status(204).send(null);
    },
  );
});

function tokenOf(url: string): string {
  const base = 'http://localhost';
  return (URL.canParse(url, base) && new URL(url, base).searchParams.get('token')) || url;
}
