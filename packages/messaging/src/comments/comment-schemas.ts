import { plainText } from '@infratraq/transport';
import { z } from 'zod';
import { threadStates } from '../collections/comment-thread.js';
import { threadLimits } from '../collections/message-limits.js';

const user_id = plainText({ characters: 500 });
const comment_id = z.string().min(1).max(100);
const body = plainText({
  characters: threadLimits.bodyCharacters,
  bytes: threadLimits.bodyBytes,
  lines: true,
});
const client_comment_id = plainText({ characters: 100, bytes: 100 })
  .optional()
  .describe('Chosen by the client: the same comment under it is written once, another is refused');
const entity = z.object({
  entity_type: z.string().min(1).max(100),
  entity_id: z.string().min(1).max(200),
});
const thread = entity.extend({ thread_id: z.string().min(1).max(100) });

/** Input of the methods of `CommentService`, as its routes check it too. */
export const commentSchemas = {
  entity,
  thread,
  comment: thread.extend({ comment_id }),
  start: z.object({ author_id: user_id, body, client_comment_id }),
  reply: z.object({ author_id: user_id, body, parent_id: comment_id.optional(), client_comment_id }),
  edit: z.object({ user_id, body }),
  user: z.object({ user_id }),
  state: z.object({ user_id, state: z.enum(threadStates) }),
  follow: z.object({ user_id, follows: z.boolean() }),
} as const;
