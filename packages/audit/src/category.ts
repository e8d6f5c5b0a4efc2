import { defineCategory } from '@infratraq/kernel';
import * as collections from './collections.js';

/** Change history, field audit and archive manifests. */
export const audit = defineCategory({ name: 'audit', collections });
