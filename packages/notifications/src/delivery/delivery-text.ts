import type { NotificationDelivery } from '../collections/notification-delivery.js';
import type { RenderedText } from '../templates/template-catalog.js';

/** The parts of a text that a delivery keeps. */
export function textOf({ title, body, url }: { title: string; body: string; url?: string }) {
  return { title, body, ...(url !== undefined && { url }) };
}

/** The text that an inbox item was stored with. */
export function storedText({ title = '', body = '', url, template }: NotificationDelivery): RenderedText {
  const made = template ?? { name: 'inbox', version: '0', locale: 'en' };
  return { title, body, template: { ...made }, ...(url !== undefined && { url }) };
}
