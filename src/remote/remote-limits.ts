/** How long and how much: every wait has an end, every answer a size. */
export type RemoteLimits = {
  /** Milliseconds until an answer starts, the connection included. */
  readonly answer: number;
  /** Milliseconds in which a body that has started may bring nothing, or one that is sent is not taken. */
  readonly stall: number;
  /**
   * Milliseconds until an answer that is read into memory is there as a whole, and in which a blob has to bring `progress`
   * bytes: what drips never stalls.
   */
  readonly whole: number;
  /** Milliseconds until the answer when a blob is sent to its end: the registry looks at it as a whole, and may move it. */
  readonly settle: number;
  /** How often a request is sent at most that can be sent again. */
  readonly attempts: number;
  /**
   * Bytes of a blob that have to come through for the time, and for the attempts to be counted anew: it may break often where it is long, and
   * not go on for ever byte by byte.
   */
  readonly progress: number;
  /** Milliseconds before the second attempt; each further wait is twice as long. */
  readonly firstDelay: number;
  /** Milliseconds that a registry may ask to wait; where it asks for more, that is told instead. */
  readonly longestDelay: number;
  /** Bytes of one piece of a blob that can't be uploaded in one go, where the registry takes so many. */
  readonly chunk: number;
  /** Bytes of a blob that is taken into memory to be sent, on a connection that others use after it. */
  readonly smallBlob: number;
  /** Bytes of an answer that is asked for its status, and for what it says where that is an error. */
  readonly errorSize: number;
  /** Pages of one list. */
  readonly pages: number;
  /** Bytes of one page of a list. */
  readonly pageSize: number;
  /** Bytes of all pages of a list, to within one page. */
  readonly listSize: number;
  /** Bytes of a manifest. */
  readonly manifestSize: number;
  /** Bytes of a blob that is read into memory, as configurations are. */
  readonly blobSize: number;
};

const mebibyte = 1024 * 1024;

/** Patient with a slow registry, and with one that sends a lot. */
export const defaultRemoteLimits: RemoteLimits = {
  answer: 30_000,
  stall: 30_000,
  whole: 300_000,
  settle: 300_000,
  attempts: 4,
  progress: mebibyte / 4,
  firstDelay: 500,
  longestDelay: 30_000,
  chunk: 32 * mebibyte,
  // Small enough to be sent within the time for an answer on a slow line.
  smallBlob: mebibyte / 4,
  errorSize: mebibyte / 16,
  // With 1,000 names a page a million: more than any registry answers for.
  pages: 1000,
  // Some registries send all they have in one.
  pageSize: 32 * mebibyte,
  // Who asks for a list has it in memory.
  listSize: 128 * mebibyte,
  // What common registries take is 4 MiB.
  manifestSize: 8 * mebibyte,
  blobSize: 8 * mebibyte,
};
