import { defineCategory } from '@infratraq/kernel';
import * as collections from './collections.js';

/** How the system itself is doing: performance, jobs, health, errors. */
export const observability = defineCategory({ name: 'observability', collections });
