import { defineCategory } from '@infratraq/kernel';
import * as collections from './collections.js';

/** Files attached to entities. */
export const attachments = defineCategory({ name: 'attachments', collections });
