/// <reference lib="dom" />

const { public_key } = await api('GET', '/devices/vapid-key');
const worker = await navigator.serviceWorker.ready;
const subscription = await worker.pushManager.subscribe({
  userVisibleOnly: true,
  applicationServerKey: public_key,
});
await api('POST', '/devices', { platform: 'web', subscription: subscription.toJSON() });

declare function api(method: string, path: string, body?: object): Promise<{ public_key: string }>;
export {};
