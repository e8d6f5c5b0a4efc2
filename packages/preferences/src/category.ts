import { defineCategory } from '@infratraq/kernel';
import * as collections from './collections.js';

/** What each user has set, arranged, kept and wants to be told. */
export const preferences = defineCategory({ name: 'preferences', collections });
