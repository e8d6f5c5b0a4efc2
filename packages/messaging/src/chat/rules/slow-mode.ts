import { isDuplicateKey, type Models, trusted } from '@infratraq/mongo';
import { ChatReadState } from '../../collections/chat-read-state.js';
import { tooFast } from './send-rate.js';

/**
 * Claims a member's turn to send in a slow channel, across processes.
 * @throws InfratraqError `channel.slow-mode` (429), with the time until the next turn
 */
export async function takeTurn(
  models: Models,
  { channel, user_id, seconds }: { channel: string; user_id: string; seconds: number },
): Promise<void> {
  const model = models.of(ChatReadState);
  const now = new Date();
  const since = new Date(now.getTime() - seconds * 1_000);
  try {
    const state = await model
      .findOneAndUpdate(
        { channel, user_id, last_sent_at: trusted({ $not: { $gt: since } }) },
        {
          $set: { last_sent_at: now },
          $setOnInsert: { delivered_seq: 0, read_seq: 0, updated_at: now },
        },
        { upsert: true, returnDocument: 'after' },
      )
      .lean();
    if (state) return;
  } catch (error) {
    // The member has taken a turn too recently.
    if (!isDuplicateKey(error)) throw error;
  }
  const taken = await model.findOne({ channel, user_id }).read('primary').lean();
  const next = (taken?.last_sent_at ?? now).getTime() + seconds * 1_000;
  // Counted from now: the other turn may have been taken after this request began.
  throw tooFast(Math.max(1, next - Date.now()), 'channel.slow-mode');
}
