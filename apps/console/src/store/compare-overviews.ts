import type { Schema } from '../api/client.js';

type StoreOverview = Schema<'StoreOverview'>;

/** How many polls the event rate is remembered for: two minutes at one every two seconds. */
const rememberedRates = 60;
/** Two polls closer than this (a reread after a transition) say nothing about the rate. */
const shortestSpanSeconds = 0.5;

/** An overview with what moved since the one before it. */
export interface LiveOverview {
  readonly overview: StoreOverview;
  /** Change in the number of documents by collection name; only those that moved. */
  readonly moved: Readonly<Record<string, number>>;
  /** Events recorded per second between the last two polls; null until there are two. */
  readonly eventsPerSecond: number | null;
  /** The latest rates, oldest first. */
  readonly rates: readonly number[];
}

/** Puts a fresh overview beside the previous one. */
export function compareOverviews(previous: LiveOverview | undefined, overview: StoreOverview): LiveOverview {
  if (!previous) return { overview, moved: {}, eventsPerSecond: null, rates: [] };
  const eventsPerSecond = rateBetween(previous.overview, overview) ?? previous.eventsPerSecond;
  return {
    overview,
    moved: movedBetween(previous.overview, overview),
    eventsPerSecond,
    rates: eventsPerSecond === null ? [] : [...previous.rates, eventsPerSecond].slice(-rememberedRates),
  };
}

function movedBetween(before: StoreOverview, after: StoreOverview): Record<string, number> {
  const counts = countsOf(before);
  const changes = [...countsOf(after)].map(([name, documents]): [string, number] => [
    name,
    documents - (counts.get(name) ?? documents),
  ]);
  return Object.fromEntries(changes.filter(([, change]) => change !== 0));
}

function countsOf({ categories }: StoreOverview): Map<string, number> {
  return new Map(
    categories.flatMap(({ collections }) => collections.map(({ name, documents }) => [name, documents])),
  );
}

/** Null when too little time has passed, or when the counter fell because the server restarted. */
function rateBetween(before: StoreOverview, after: StoreOverview): number | null {
  const seconds = (Date.parse(after.as_of) - Date.parse(before.as_of)) / 1000;
  const events = after.totals.events_recorded - before.totals.events_recorded;
  return seconds >= shortestSpanSeconds && events >= 0 ? events / seconds : null;
}
