import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { eventually } from '@infratraq/engines';
import type { OutgoingMessage, RecipientAddress, Sender, SendOutcome } from '../senders/sender.js';

/** What a provider may answer besides taking the message. */
export type Trouble = 'rejected' | 'address_gone' | 'throttled' | 'unreachable';

/** A sender under test, and its provider. */
export interface SenderSubject {
  readonly sender: Sender;
  /** An address that the provider reaches. */
  readonly address: RecipientAddress;
  /** Has the provider answer so from now on; without a trouble, take messages again. */
  trouble(kind?: Trouble): Promise<void> | void;
  /** Troubles that this provider knows. */
  readonly troubles: readonly Trouble[];
  /** Whether the provider says how long to wait when it throttles. */
  readonly tellsRetryAfter: boolean;
  /** The texts that have arrived, oldest first. */
  arrived(): readonly string[];
  /** What no outcome may tell. */
  readonly secrets: readonly string[];
  /** How many connections to the provider are open. */
  connections(): number;
  close(): Promise<void>;
}

const addresses: readonly RecipientAddress[] = [
  { channel: 'email', email: 'somebody@example.org' },
  { channel: 'sms', phone: '+436601234567' },
  { channel: 'push', device_id: 'd-1', target: { kind: 'fcm', token: 'a' } },
  {
    channel: 'push',
    device_id: 'd-2',
    target: { kind: 'web', endpoint: 'https://push.example/1', keys: { p256dh: 'a', auth: 'b' } },
  },
  { channel: 'in_app', user_id: 'u-1' },
];

const kindOf = (address: RecipientAddress) =>
  address.channel === 'push' ? `${address.channel} ${address.target.kind}` : address.channel;

/** A message as routing hands it over. */
export function composeMessage(
  address: RecipientAddress,
  more: Partial<OutgoingMessage> = {},
): OutgoingMessage {
  return {
    delivery_id: randomUUID(),
    notification_id: randomUUID(),
    recipient_id: 'u-1',
    type: 'inspection.scheduled',
    locale: 'de-AT',
    address,
    title: 'Prüfung am Montag',
    body: 'Die Prüfung der Brücke ist am Montag um 8 Uhr.',
    urgency: 'normal',
    attempt: 1,
    ...more,
  };
}

/** The suite that every sender passes. */
export function describeSender(name: string, open: () => Promise<SenderSubject>): void {
  describe(`the ${name} sender`, () => {
    let subject: SenderSubject;
    const outcomes: SendOutcome[] = [];
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(async () => {
      await subject.sender.close();
      await subject.close();
    });
    const send = async (more: Partial<OutgoingMessage> = {}) => {
      const outcome = await subject.sender.send(composeMessage(subject.address, more));
      outcomes.push(outcome);
      return outcome;
    };

    it('hands messages over and answers with the id that the provider gave', async () => {
      const body = `Der Aufzug ist frei – ${randomUUID()}`;
      expect(await send({ body })).toMatchObject({
        outcome: 'accepted',
        provider_message_id: expect.stringMatching(/./),
      });
      expect(subject.arrived().filter((text) => text.includes(body))).toHaveLength(1);
    });

    it('hands over many at once, each once', async () => {
      const bodies = Array.from({ length: 20 }, (_, number) => `${number} of ${randomUUID()}`);
      const many = await Promise.all(bodies.map((body) => send({ body })));
      expect(new Set(many.map(({ outcome }) => outcome))).toEqual(new Set(['accepted']));
      for (const body of bodies)
        expect(subject.arrived().filter((text) => text.includes(body))).toHaveLength(1);
    });

    it.each<[Trouble, object]>([
      ['rejected', { outcome: 'rejected' }],
      ['address_gone', { outcome: 'rejected', address_gone: true }],
      ['throttled', { outcome: 'throttled' }],
      ['unreachable', { outcome: 'unreachable' }],
    ])('answers %s, does not throw, and goes on when it is over', async (trouble, expected) => {
      if (!subject.troubles.includes(trouble)) return;
      await subject.trouble(trouble);
      const outcome = await send();
      await subject.trouble();
      expect(outcome).toMatchObject({
        ...expected,
        error_code: expect.stringMatching(/./),
        error_message: expect.stringMatching(/./),
      });
      if (trouble === 'rejected') expect(outcome).not.toHaveProperty('address_gone');
      if (trouble === 'throttled' && subject.tellsRetryAfter)
        expect(outcome).toMatchObject({ retry_after_seconds: 7 });
      expect(await send()).toMatchObject({ outcome: 'accepted' });
    });

    it('reaches the addresses of its kind alone, and refuses the others', async () => {
      const { sender, address } = subject;
      expect(sender.channel).toBe(address.channel);
      expect(sender.reaches(address)).toBe(true);
      const foreign = addresses.filter((other) => kindOf(other) !== kindOf(address));
      for (const other of foreign) {
        expect(sender.reaches(other)).toBe(false);
        expect(await sender.send(composeMessage(other))).toMatchObject({
          outcome: 'rejected',
          error_code: 'address.unsuitable',
        });
      }
    });

    it('tells no secret', () => {
      const told = JSON.stringify(outcomes);
      expect(outcomes.length).toBeGreaterThan(20);
      expect(subject.secrets.filter((secret) => told.includes(secret))).toEqual([]);
    });

    it('finishes what is on its way when it is closed, and leaves no connection', async () => {
      const { sender } = subject;
      const underway = send();
      await sender.close();
      expect(await underway).toMatchObject({ outcome: 'accepted' });
      expect(await send()).toMatchObject({ outcome: 'unreachable', error_code: 'sender.closed' });
      await sender.close();
      await eventually(
        async () => subject.connections(),
        (connections) => connections === 0,
      );
    });
  });
}
