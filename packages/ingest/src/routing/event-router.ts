import { randomUUID } from 'node:crypto';
import {
  assertEventTarget,
  DefinitionError,
  InvalidInputError,
  type EventData,
  type EventDefinition,
  type TableTarget,
} from '@infratraq/kernel';
import type { EventWriter } from '../writing/event-writer-types.js';
import { createRowSink, type PostgresPort } from '../sinks/write-rows.js';

// What an event carries is known where it is emitted; here it may be anything.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AnyEvent = EventDefinition<string, any>;
type NamedEvent<Events extends readonly AnyEvent[], Name> = Extract<Events[number], { name: Name }>;

/** Sends each application event to the store that it belongs in. */
export interface EventRouter<Events extends readonly AnyEvent[]> {
  /**
   * Returns without waiting for any store.
   * @throws InvalidInputError `event.data` when the data does not fit the event's schema
   */
  emit<Name extends Events[number]['name']>(name: Name, data: EventData<NamedEvent<Events, Name>>): void;
}

export interface EventRouterOptions<Events extends readonly AnyEvent[]> {
  readonly events: Events;
  readonly writer: EventWriter;
  /**
   * Needed where an event goes to a table. Set its `connectionTimeoutMillis`: the writer's `maxSilenceMilliseconds` is
   * for a query, and begins when there is a connection.
   */
  readonly postgres?: PostgresPort;
}

/**
 * Makes the router of an application's events; every target is held against the decision framework here, once.
 *
 * @throws DefinitionError when an event's data belongs in another store than its target, or is declared twice
 * @example
 * const router = createEventRouter({ events: [reportViewed, budgetApproved], writer, postgres: pool });
 * router.emit('report.viewed', { user_id: 'u-1', report_id: 'r-9' });
 */
export function createEventRouter<const Events extends readonly AnyEvent[]>(
  options: EventRouterOptions<Events>,
): EventRouter<Events> {
  const routes = new Map<string, (data: unknown) => void>();
  for (const event of options.events) {
    if (routes.has(event.name)) throw new DefinitionError(event.name, 'event.unique', 'It is declared twice');
    assertEventTarget(event);
    routes.set(event.name, openRoute(event, options));
  }
  return {
    emit: (name, data) => {
      const route = routes.get(name);
      if (!route) throw new InvalidInputError(`No event is called ${name}`, { code: 'event.unknown' });
      route(data);
    },
  };
}

function openRoute(
  { name, schema, target }: AnyEvent,
  { writer, postgres }: EventRouterOptions<readonly AnyEvent[]>,
): (data: unknown) => void {
  const parse = (data: unknown): unknown => {
    try {
      return schema.parse(data);
    } catch (cause) {
      throw new InvalidInputError(`${name} does not carry what it is declared to carry`, {
        code: 'event.data',
        cause,
      });
    }
  };
  if (target.store === 'mongodb')
    return (data) => writer.record(target.collection, target.toDocument(parse(data)));
  if (!postgres)
    throw new DefinitionError(
      name,
      'event.postgres',
      'It goes to a table; give the router a PostgreSQL pool',
    );
  const record = openTable(target, writer, postgres);
  return (data) => {
    const row = target.toRow(parse(data));
    record({ ...row, [target.idColumn]: row[target.idColumn] ?? randomUUID() });
  };
}

function openTable(
  { table, idColumn, durability }: TableTarget<unknown>,
  writer: EventWriter,
  postgres: PostgresPort,
): (row: object) => void {
  const sink = createRowSink(postgres, table, idColumn);
  // The name cannot be a collection's, because of the colon.
  return writer.openStore({ name: `table:${table}`, durability, sink });
}
