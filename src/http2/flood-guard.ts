import { errorCode } from "./error-code.ts";
import { Http2Error } from "./http2-error.ts";

/**
 * Frames that cost us work and bring the peer nothing: how many may come at once, and how many a second after that.
 * A peer that measures the line sends thousands of PINGs a second, so the numbers are far above honest use.
 */
const limits = {
  ping: { burst: 50_000, perSecond: 20_000 },
  settings: { burst: 1_000, perSecond: 100 },
  reset: { burst: 5_000, perSecond: 1_000 },
  /** DATA, PRIORITY and unknown frames that carry nothing for us. */
  idle: { burst: 50_000, perSecond: 10_000 },
} as const;

type FloodKind = keyof typeof limits;

/** Counts such frames of one connection. */
export class FloodGuard {
  readonly #credits = new Map<FloodKind, { left: number; at: number }>();

  /** Throws an ENHANCE_YOUR_CALM of the connection when there were too many of a kind. */
  count(kind: FloodKind): void {
    const { burst, perSecond } = limits[kind];
    const now = performance.now();
    const credit = this.#credits.get(kind) ?? { left: burst, at: now };
    credit.left = Math.min(burst, credit.left + ((now - credit.at) * perSecond) / 1000) - 1;
    credit.at = now;
    this.#credits.set(kind, credit);
    if (credit.left < 0) {
      throw new Http2Error(
        "connection",
        errorCode.enhanceYourCalm,
        `The peer sends too many frames without use (${kind})`,
      );
    }
  }
}
