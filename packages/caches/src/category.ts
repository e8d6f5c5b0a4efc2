import { defineCategory } from '@infratraq/kernel';
import * as collections from './collections.js';

/** What is computed ahead, so that no request waits for it. */
export const caches = defineCategory({ name: 'caches', collections });
