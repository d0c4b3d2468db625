type Http2ErrorOptions = {
  readonly cause?: unknown;
  /** The peer said so, by RST_STREAM or GOAWAY. */
  readonly remote?: boolean;
};

/**
 * A stream or a whole connection ended before its time (RFC 9113, section 5.4).
 * `code` is one of `errorCode`, or an unknown number that the peer sent.
 */
export class Http2Error extends Error {
  override readonly name = "Http2Error";
  readonly scope: "stream" | "connection";
  readonly code: number;
  readonly remote: boolean;

  constructor(
    scope: "stream" | "connection",
    code: number,
    message: string,
    options: Http2ErrorOptions = {},
  ) {
    super(message, { cause: options.cause });
    this.scope = scope;
    this.code = code;
    this.remote = options.remote ?? false;
  }
}
