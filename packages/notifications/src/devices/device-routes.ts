import { ForbiddenError, InvalidInputError, NotFoundError } from '@infratraq/kernel';
import { requireActor, timestamp } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import type { DeviceRepository } from '../postgres/device-repository.js';
import { isSubscriptionKeys } from '../senders/web-push.js';

/** What the routes of devices work with. */
interface DeviceRoutesOptions {
  readonly devices: DeviceRepository;
  /** The key that browsers subscribe with. Without it web push is off. */
  readonly vapidPublicKey?: string | undefined;
  /**
   * Hosts of push services; `*.` stands for any subdomain.
   * @default those of the known browsers
   */
  readonly pushHosts?: readonly string[] | undefined;
}

/** The push services of Chrome, Firefox, Edge and Safari. */
const knownPushHosts = [
  'fcm.googleapis.com',
  '*.push.services.mozilla.com',
  '*.notify.windows.com',
  '*.push.apple.com',
];

const deviceSchema = z.object({
  device_id: z.string(),
  platform: z.enum(['web', 'android', 'ios']),
  status: z.enum(['active', 'expired']).describe('Expired once its push service has called it gone'),
  registered_at: timestamp,
  last_seen_at: timestamp,
});

const registrationSchema = z.discriminatedUnion('platform', [
  z.strictObject({
    platform: z.literal('web'),
    subscription: z
      .strictObject({
        endpoint: z.url({ protocol: /^https$/ }).max(2_000),
        keys: z.strictObject({ p256dh: z.string().max(200), auth: z.string().max(100) }),
        expirationTime: z.number().nullish(),
      })
      .describe('As PushSubscription.toJSON() of the browser gives it'),
  }),
  z.strictObject({ platform: z.enum(['android', 'ios']), token: z.string().min(1).max(4_096) }),
]);

/** Registers and removes devices of the current user for pushes. */
export const deviceRoutes = defineRoutes<DeviceRoutesOptions>(
  async (app, { devices, vapidPublicKey, pushHosts = knownPushHosts }) => {
    const tags = ['devices'];
    app.get(
      '/devices/vapid-key',
      {
        config: { access: 'shared', errors: [404] },
        schema: {
          summary: 'Read the key with which browsers subscribe to pushes',
          tags,
          response: { 200: z.object({ public_key: z.string() }) },
        },
      },
      async () => {
        if (vapidPublicKey === undefined)
          throw new NotFoundError('Web push is not set up on this server', 'device.web-push-off');
        return { public_key: vapidPublicKey };
      },
    );
    app.post(
      '/devices',
      {
        config: { access: 'own' },
        schema: {
          summary: 'Register a device for pushes, or confirm that it still exists',
          tags,
          body: registrationSchema,
          response: { 201: deviceSchema },
        },
      },
      async ({ body }, reply) => {
        const target =
          body.platform === 'web'
            ? checkSubscription(body.subscription, pushHosts)
            : { kind: 'fcm' as const, token: body.token };
        const { user_id } = requireActor();
        const device = await devices.register({ user_id, platform: body.platform, target });
        if (!device)
          throw new ForbiddenError('Only users of this product have devices', 'device.user-unknown');
        return reply.status(201).send(device);
      },
    );
    app.get(
      '/devices',
      {
        config: { access: 'own' },
        schema: {
          summary: 'List your devices',
          tags,
          response: { 200: z.object({ items: z.array(deviceSchema) }) },
        },
      },
      async () => ({ items: await devices.listOf(requireActor().user_id) }),
    );
    app.delete(
      '/devices/:device_id',
      {
        config: { access: 'own' },
        schema: {
          summary: 'Remove a device',
          tags,
          params: z.strictObject({ device_id: z.string().max(100) }),
          response: { 204: z.null() },
        },
      },
      async ({ params: { device_id } }, reply) => {
        if (!(await devices.remove(requireActor().user_id, device_id)))
          throw new NotFoundError(`You have no device ${device_id}`, 'device.unknown');
        return reply.status(204).send(null);
      },
    );
  },
);

/** Allows only known push services; otherwise users could make the server call any host. */
function checkSubscription(
  { endpoint, keys }: { endpoint: string; keys: { p256dh: string; auth: string } },
  pushHosts: readonly string[],
) {
  const { hostname } = new URL(endpoint);
  const isKnown = pushHosts.some((host) =>
    host.startsWith('*.') ? hostname.endsWith(host.slice(1)) : hostname === host,
  );
  if (!isKnown)
    throw new InvalidInputError(`${hostname} is not a push service that this server sends to`, {
      code: 'device.push-service',
    });
  if (!isSubscriptionKeys(keys))
    throw new InvalidInputError(
      'The keys of this subscription are not valid; send what PushSubscription.toJSON() gives',
      {
        code: 'device.subscription',
      },
    );
  return { kind: 'web' as const, endpoint, keys };
}
