import { defineCategory } from '@infratraq/kernel';
import * as collections from './collections.js';

/** Chat, comments, email history and read positions. */
export const messaging = defineCategory({ name: 'messaging', collections });
