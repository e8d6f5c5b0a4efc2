/**
 * How long a client may take. A whole request has no limit, because uploads of gigabytes have none: bodies must keep
 * coming instead (see `limitSlowBodies`).
 */
export const timeLimits = {
  /** A connection on which nothing moves, in either direction, is closed. */
  connectionTimeout: 120_000,
  http: { headersTimeout: 20_000, connectionsCheckingInterval: 5_000 },
};
