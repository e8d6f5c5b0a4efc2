/**
 * The state of a delivery.
 *
 * What the recipient did with it (seen, clicked, dismissed) is engagement and stored apart.
 */
export const deliveryStates = [
  'queued',
  'sent',
  'failed',
  'delivered',
  'bounced',
  'read',
  'cancelled',
  'expired',
  'suppressed',
] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** What a state means, and where a delivery may go from it. */
export interface DeliveryStateRow {
  readonly description: string;
  /** States that may follow; anything else that is reported changes nothing. */
  readonly next: readonly DeliveryState[];
}

/**
 * The states of a delivery and the moves between them.
 *
 * Every move goes forward, and every two reports of one delivery lead to the same state in either order:
 * a provider's callbacks come late, repeated and out of order.
 */
export const deliveryLifecycle: Readonly<Record<DeliveryState, DeliveryStateRow>> = {
  queued: {
    description: 'Accepted by us, waiting to be handed to the provider',
    next: ['sent', 'failed', 'delivered', 'bounced', 'read', 'cancelled', 'expired', 'suppressed'],
  },
  sent: { description: 'Accepted by the provider', next: ['failed', 'delivered', 'bounced', 'read'] },
  failed: {
    description: 'Given up by us or by the provider',
    next: ['delivered', 'bounced', 'read'],
  },
  delivered: { description: 'Arrived at the device or mailbox', next: ['bounced', 'read'] },
  bounced: { description: 'Returned after it seemed to arrive', next: ['read'] },
  read: { description: 'Opened by the recipient', next: [] },
  cancelled: {
    description: 'Withdrawn by the sender before it was handed over; sent where that was just being done',
    next: ['sent'],
  },
  expired: { description: 'Too late to be of use when its turn came', next: [] },
  suppressed: { description: "Held back by the recipient's preferences", next: [] },
};

/** Tells whether a delivery in `from` moves when `to` is reported. */
export function movesDelivery(from: DeliveryState, to: DeliveryState): boolean {
  return deliveryLifecycle[from].next.includes(to);
}

/** The state after a report: `reported` where that is a move forward, else `current`. */
export function advanceDelivery(current: DeliveryState, reported: DeliveryState): DeliveryState {
  return movesDelivery(current, reported) ? reported : current;
}

/** States from which `to` may be reached; the condition under which an update in the database is a move. */
export function statesBefore(to: DeliveryState): DeliveryState[] {
  return deliveryStates.filter((from) => movesDelivery(from, to));
}
