import { defineCategory } from '@infratraq/kernel';
import * as collections from './collections.js';

/** What models learn from, what they answer, and what people ask the assistant. */
export const ai = defineCategory({ name: 'ai', collections });
