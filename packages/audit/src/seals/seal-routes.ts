import { timestamp } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import { forbidStoring } from '../sensitive/forbid-storing.js';
import { nameSchema } from '../history/audit-input.js';
import { disclosureParameters } from '../history/change-schemas.js';
import type { Disclosure } from '../sensitive/sensitive-reader.js';
import type { AuditVerifier } from './audit-verifier.js';
import { findingKinds } from './findings.js';
import type { InclusionProof } from './prove-change.js';

/** What the routes of seals work with. */
export interface SealRoutesOptions {
  readonly verifier: AuditVerifier;
  readonly prove: (changeId: string, disclosure: Disclosure) => Promise<InclusionProof>;
}

const hash = z.string().describe('SHA-256, hexadecimal');

const seal = z
  .object({
    sequence: z.int(),
    first_id: z.string(),
    last_id: z.string(),
    change_count: z.int(),
    merkle_root: hash,
    previous_head: hash,
    chain_head: hash,
    sealed_at: timestamp,
  })
  .meta({ id: 'Seal' });

const verification = z
  .object({
    seals: z.int(),
    changes: z.int().describe('Stored as they were sealed'),
    archived: z.int().describe('In the archive and no longer in the store'),
    refused: z
      .int()
      .describe('Refused by the changelog, and kept as they were sealed until they are replayed'),
    waiting: z.int().describe('Seals of the last ten minutes that are not published yet'),
    unsealed_seconds: z
      .number()
      .nullable()
      .describe('How long the oldest change without a seal has waited; null until `next` is'),
    findings: z.array(
      z.object({
        kind: z.enum(findingKinds),
        sequence: z.int().optional().describe('Of the seal; absent where a change is under none'),
        change_id: z.string().optional(),
        detail: z.string(),
      }),
    ),
    next: z.int().nullable().describe('The next `after`; null at the end'),
  })
  .meta({ id: 'Verification' });

const proof = z
  .object({
    format: z.literal('infratraq-inclusion-proof/1'),
    change_id: z.string(),
    content: z.string().describe('The change as one text; the leaf is SHA-256 of a zero byte and this'),
    leaf_index: z.int(),
    tree_size: z.int(),
    path: z.array(hash).describe('From the bottom up (RFC 6962, section 2.1.1)'),
    seal,
  })
  .meta({ id: 'InclusionProof' });

/** Routes that prove the audit trail, for auditors, operators and administrators. */
export const sealRoutes = defineRoutes<SealRoutesOptions>(async (app, { verifier, prove }) => {
  forbidStoring(app);
  const config = { roles: ['auditor', 'operator', 'admin'] as const };

  app.get(
    '/audit/verify',
    {
      config,
      schema: {
        summary: 'Compares stored changes with their seals: what was altered, removed or inserted',
        tags: ['audit'],
        querystring: z.strictObject({
          after: z.coerce.number().int().min(0).default(0).describe('Sequence of the last seal looked at'),
          limit: z.coerce.number().int().min(1).max(100).default(20).describe('Most seals at once'),
        }),
        response: { 200: verification },
      },
    },
    async ({ query }) => {
      const { findings, ...rest } = await verifier.verify(query);
      return { ...rest, findings: [...findings] };
    },
  );

  app.get(
    '/audit/changes/:id/proof',
    {
      config,
      schema: {
        summary: 'A proof that a change is in the audit trail, which can be checked without this product',
        tags: ['audit'],
        params: z.strictObject({ id: nameSchema }),
        querystring: z.strictObject(disclosureParameters),
        response: { 200: proof },
      },
    },
    async ({ params, query }) => {
      const { path, ...rest } = await prove(params.id, query);
      return { ...rest, path: [...path] };
    },
  );
});
