/** Told of each failure in the background, with what was being done (`announcing mentions`). It must not throw. */
export type ReportError = (error: unknown, doing: string) => void;

/** Reports as a warning of the process: the default where a caller has no log. */
export const warnOfError: ReportError = (error, doing) => {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.emitWarning(`Failed while ${doing}: ${reason}`, 'InfratraqWarning');
};
