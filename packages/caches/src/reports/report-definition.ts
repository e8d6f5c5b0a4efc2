import type { EntityReference } from '@infratraq/kernel';
import type { z } from 'zod';

/** What a generator gets besides its parameters. */
export interface ReportContext {
  readonly cache_key: string;
  /** The moment that the output describes. */
  readonly as_of: Date;
  /** What the caller sees: all, or what belongs to one of these scopes; `all` unless the report is `scoped`. */
  readonly scopes: 'all' | readonly string[];
}

/** One kind of report. */
export interface ReportDefinition<Parameters extends z.ZodType = z.ZodType> {
  /** Stable name; it becomes part of the cache key. */
  readonly type: string;
  readonly title: string;
  readonly parameters: Parameters;
  /** How long an output may be served, in seconds; held within 1 hour and 30 days. */
  readonly freshnessSeconds: number;
  /** Kinds of entity that the output is computed from. */
  readonly sourceEntityTypes?: readonly string[];
  /** Columns whose values the output shows, by kind of entity. While one is sensitive, the report is refused. */
  readonly shownColumns?: Readonly<Record<string, readonly string[]>>;
  /** The entity that the output is about: whoever may see it may see the output. All entities when absent. */
  about?(parameters: z.output<Parameters>): EntityReference | undefined;
  /** The output shows what belongs to the scopes of its context, so that callers may run it who see a part of everything. */
  readonly scoped?: boolean;
  /**
   * Computes the output: anything that JSON can carry.
   * Everybody who asks with the same parameters and scopes gets the same output, so it must not depend on who asks.
   */
  generate(parameters: z.output<Parameters>, context: ReportContext): Promise<unknown>;
}

/**
 * Declares a report, its generator typed by the schema of its parameters.
 *
 * @example
 * ```ts
 * export const projectProgress = defineReport({
 *   type: 'project_progress',
 *   title: 'Progress of a project',
 *   parameters: z.strictObject({ project_id: z.string() }),
 *   freshnessSeconds: hours(1),
 *   generate: async ({ project_id }) => readProgress(project_id),
 * });
 * ```
 */
export function defineReport<Parameters extends z.ZodType>(
  report: ReportDefinition<Parameters>,
): ReportDefinition {
  return Object.freeze({ ...report });
}
