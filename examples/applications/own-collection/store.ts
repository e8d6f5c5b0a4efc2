import { audit } from '@infratraq/audit';
import { defineCategory, defineStore } from '@infratraq/kernel';
import * as collections from './collections.js';

export const site = defineCategory({ name: 'site', collections });

/** The collections of this application: its own, and a category of InfraTraq's. */
export const store = defineStore([site, audit]);
