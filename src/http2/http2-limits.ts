/** What we let a peer do on one connection. */
export type Http2Limits = {
  /** What a peer may send on one stream before we consume it, in bytes. */
  readonly streamWindow: number;
  /** The same for all streams together; at least 65,535. */
  readonly connectionWindow: number;
  /** Of one header block, in octets, coded as well as decoded. */
  readonly maxHeaderListSize: number;
  /** Streams that the peer may have open at once. */
  readonly maxConcurrentStreams: number;
};

/** What we let a peer do where nobody says otherwise. */
export const defaultHttp2Limits: Http2Limits = {
  streamWindow: 4 * 1024 * 1024,
  connectionWindow: 64 * 1024 * 1024,
  // BuildKit sends a field a file pattern, and there may be many thousands.
  maxHeaderListSize: 16 * 1024 * 1024,
  maxConcurrentStreams: 1024,
};
