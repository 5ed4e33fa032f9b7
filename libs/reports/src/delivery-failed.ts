import { AppError } from '@certfolio/core';

/** The other side refused a delivery, or could not be reached. */
export class DeliveryFailed extends AppError {
  /** The same delivery may succeed later. */
  readonly isTransient: boolean;

  /** @param reason ends without a full stop; never has a secret or an address with one */
  constructor(
    destination: string,
    reason: string,
    options: { readonly isTransient: boolean; readonly retryAfterMs?: number; readonly cause?: unknown },
  ) {
    super('DESTINATION_REJECTED', `The destination "${destination}" did not take the report: ${reason}.`, {
      details: { destination },
      ...(options.retryAfterMs === undefined ? {} : { retryAfterMs: options.retryAfterMs }),
      ...(options.cause === undefined ? {} : { cause: options.cause }),
    });
    this.isTransient = options.isTransient;
  }
}
