/** Stable codes of everything that keeps an engine from running. */
export type EngineErrorCode =
  | 'engine.unavailable'
  | 'engine.unknown-choice'
  | 'engine.other-data'
  | 'engine.in-use'
  | 'engine.start-failed'
  | 'engine.address-missing';

/** An engine can't be had or can't start; the message says what to do about it. */
export class EngineUnavailableError extends Error {
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'EngineUnavailableError';
    this.code = code;
  }
}
