import { defineCategory } from '@infratraq/kernel';
import * as collections from './collections.js';

/** Deliveries per recipient and channel, with the providers' answers. */
export const notifications = defineCategory({ name: 'notifications', collections });
