import { defineCategory } from '@infratraq/kernel';
import * as collections from './collections.js';

/** API requests, webhook events, sync runs and dead letters. */
export const integration = defineCategory({ name: 'integration', collections });
