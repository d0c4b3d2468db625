/**
 * What the peer may still send us, of a stream or of the connection (RFC 9113, section 5.2).
 * The window grows again by what was consumed, not by what arrived: a slow reader holds up the sender.
 */
export class ReceiveWindow {
  readonly #size: number;
  #available: number;
  #consumed = 0;

  /** `available` differs from `size` until the peer knows about `size`. */
  constructor(size: number, available: number = size) {
    this.#size = size;
    this.#available = available;
  }

  /** False when the peer sent more than it was allowed to. */
  take(bytes: number): boolean {
    this.#available -= bytes;
    return this.#available >= 0;
  }

  /** Returns the increment to tell the peer, or 0: small ones are saved up. */
  release(bytes: number): number {
    this.#consumed += bytes;
    if (this.#consumed === 0 || this.#consumed < this.#size / 4) return 0;
    const increment = this.#consumed;
    this.#consumed = 0;
    this.#available += increment;
    return increment;
  }

  shrink(bytes: number): void {
    this.#available -= bytes;
  }
}
