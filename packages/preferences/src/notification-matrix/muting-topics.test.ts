import { describe, expect, it } from '@jest/globals';
import { newUser, usePreferenceService } from '../testing/use-preference-service.js';
import { StaleVersionError } from '../writing/write-versioned.js';

describe("a user's settings", () => {
  const { service } = usePreferenceService();

  it('hold every one of many silences that come at once, beside what else is being written', async () => {
    const user = newUser();
    const types = Array.from({ length: 12 }, (_, index) => `type.${index}`);
    const patched = service()
      .patch(user, { theme: 'dark' }, 0)
      .catch((error: unknown) => error);
    await Promise.all(types.map((type) => service().mute(user, { type })));
    const { own } = await service().read(user);
    expect(own.notifications?.map(({ type }) => type).sort()).toEqual([...types].sort());
    expect(own.theme === 'dark' || (await patched) instanceof StaleVersionError).toBe(true);
  });

  it('give a topic back its channels when its silence is taken back', async () => {
    const user = newUser();
    const topic = { type: 'comment.added', entity_type: 'projects', entity_id: '42' };
    await service().replace(user, { notifications: [{ ...topic, channels: ['sms'] }] }, 0);
    const allowed = async () =>
      (await service().recipientPreferencesOf(user)).notifications.find(({ type }) => type === topic.type);
    await service().mute(user, topic);
    await service().mute(user, topic);
    expect(await allowed()).toEqual({ ...topic, channels: [], own: true });
    await service().unmute(user, topic);
    expect(await allowed()).toEqual({ ...topic, channels: ['sms'], own: true });
    await service().mute(user, { type: 'digest.ready' });
    await service().unmute(user, { type: 'digest.ready' });
    expect((await service().read(user)).own.notifications).toEqual([
      { ...topic, channels: ['sms'], muted: false },
    ]);
  });

  it('are silent on a type that a user unsubscribes from, whatever rows they have about entities', async () => {
    const user = newUser();
    const rows = [
      { type: '*', entity_type: 'projects', entity_id: '42', channels: ['email' as const] },
      { type: 'comment.added', entity_type: 'bridges', channels: ['sms' as const] },
      { type: 'task.assigned', entity_type: 'bridges', channels: ['push' as const] },
    ];
    await service().replace(user, { notifications: rows }, 0);
    await service().unsubscribe(user, 'comment.added');
    const [first, second, third] = rows;
    expect((await service().read(user)).own.notifications).toEqual([
      { ...first, muted: false },
      { ...second, muted: true },
      { ...third, muted: false },
      { type: 'comment.added', channels: [], muted: true },
      { type: 'comment.added', entity_type: 'projects', entity_id: '42', channels: [], muted: true },
    ]);
  });
});
