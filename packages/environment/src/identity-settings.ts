import { isIP } from 'node:net';
import { z } from 'zod';

const namedRanges = ['loopback', 'linklocal', 'uniquelocal'];

/** Variables that say whose tokens are taken, and whose word on a client's address. */
export const identitySettings = {
  AUTH_SECRET: z
    .string()
    .min(32)
    .optional()
    .describe('Secret (HS256, 32 characters or more) that signs bearer tokens'),
  AUTH_JWKS_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'Where the issuer of bearer tokens publishes its keys; needs AUTH_ISSUER and AUTH_AUDIENCE beside it',
    ),
  AUTH_ISSUER: z.string().min(1).optional().describe('Issuer (`iss`) that bearer tokens must name'),
  AUTH_AUDIENCE: z.string().min(1).optional().describe('Audience (`aud`) that bearer tokens must name'),
  AUTH_FAILURES_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(1)
    .default(60)
    .describe(
      'Invalid tokens that one address may send each minute; further tokens from there are refused, except those that were accepted before',
    ),
  TRUST_PROXY: z
    .string()
    .transform((text) => (/^\d+$/.test(text) ? Number(text) : text.split(',').map((part) => part.trim())))
    .refine((trusted) => typeof trusted === 'number' || trusted.every(isAddressRange), {
      message: `is a number of proxies, or addresses, ranges (10.0.0.0/8) or ${namedRanges.join(', ')}, separated by commas`,
    })
    .optional()
    .describe(
      'Proxies whose X-Forwarded headers are believed: how many there are, or their addresses and ranges (10.0.0.0/8, loopback), separated by commas; none when absent',
    ),
};

function isAddressRange(text: string): boolean {
  if (namedRanges.includes(text)) return true;
  const [address = '', length, ...more] = text.split('/');
  const bits = isIP(address) === 6 ? 128 : 32;
  const hasLength = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bits);
  return more.length === 0 && isIP(address) !== 0 && hasLength;
}
