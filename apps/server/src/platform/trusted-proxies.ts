import type { Environment } from '@infratraq/environment';
import proxyAddress from '@fastify/proxy-addr';

/** Says whether the word of the proxy at this address is taken, `hop` proxies before this server. */
export type TrustProxy = (address: string, hop: number) => boolean;

/** Which proxies are trusted; undefined when none is. */
export function trustedProxiesOf({ TRUST_PROXY }: Pick<Environment, 'TRUST_PROXY'>): TrustProxy | undefined {
  if (typeof TRUST_PROXY === 'number') return (_address, hop) => hop < TRUST_PROXY;
  return TRUST_PROXY && proxyAddress.compile(TRUST_PROXY);
}
