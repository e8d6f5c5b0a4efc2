import { activity } from '@infratraq/activity';
import { ai } from '@infratraq/ai';
import { attachments } from '@infratraq/attachments';
import { audit } from '@infratraq/audit';
import { caches } from '@infratraq/caches';
import { integration } from '@infratraq/integration';
import { defineStore } from '@infratraq/kernel';
import { messaging } from '@infratraq/messaging';
import { notifications } from '@infratraq/notifications';
import { observability } from '@infratraq/observability';
import { preferences } from '@infratraq/preferences';

/** The document store: every collection of every category, checked and frozen. */
export const store = defineStore([
  audit,
  integration,
  activity,
  messaging,
  notifications,
  caches,
  preferences,
  ai,
  observability,
  attachments,
]);
