// Time is handed in, so that tests can hold it still. All times are Unix milliseconds.

export interface Clock {
  /** The present time, in Unix milliseconds. */
  now(): number;
  /**
   * Resolves once `now()` has reached `at` (at once when that has passed); waits of any length are allowed.
   * Rejects with `signal.reason` when the signal is aborted first.
   */
  until(at: number, signal: AbortSignal): Promise<void>;
}
