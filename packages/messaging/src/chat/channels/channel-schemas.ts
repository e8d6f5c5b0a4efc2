import { plainText } from '@infratraq/transport';
import { z } from 'zod';
import { messageLimits } from '../../collections/message-limits.js';
import { chatSchemas } from '../chat-schemas.js';

const { user_id } = chatSchemas.member.shape;
const title = plainText({ characters: 200 });
const role = z.enum(['manager', 'member', 'reader']);

/** How many members one channel may have. */
export const mostMembers = 1_000;

/** Input of the methods of `ChannelService`, as its routes check it too. */
export const channelSchemas = {
  create: z.strictObject({
    kind: z
      .enum(['group', 'direct', 'entity'])
      .default('group')
      .describe('Of some users; between two, who have one; or of everybody who may see an entity'),
    title: title.optional().describe('Required for groups'),
    members: z
      .array(z.union([user_id, z.strictObject({ user_id, role: role.default('member') })]))
      .max(mostMembers - 1)
      .default([])
      .describe('Besides the creator; exactly one user for a direct channel, none for one of an entity'),
    entity_type: z.string().min(1).max(100).optional(),
    entity_id: z.string().min(1).max(200).optional(),
    client_channel_id: plainText({ characters: messageLimits.clientMessageIdCharacters, bytes: 100 })
      .optional()
      .describe("The client's key: repeated, it answers the channel that was made first"),
  }),
  change: z
    .strictObject({ title: title.optional(), archived: z.boolean().optional() })
    .refine(({ title: given, archived }) => given !== undefined || archived !== undefined, {
      message: 'gives a title or archived',
    }),
  member: z.strictObject({ role: role.default('member') }),
  channel: chatSchemas.member.shape.channel,
  user_id,
} as const;

/** What a channel is made from. */
export type CreateChannel = z.input<typeof channelSchemas.create>;
