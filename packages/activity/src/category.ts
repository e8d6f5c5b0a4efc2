import { defineCategory } from '@infratraq/kernel';
import * as collections from './collections.js';

/** What people do in the application: clickstream, searches, use of features. */
export const activity = defineCategory({ name: 'activity', collections });
