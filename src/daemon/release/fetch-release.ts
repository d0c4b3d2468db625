import { setTimeout as delay } from "node:timers/promises";
import { errorMessage } from "../../base/error-message.ts";
import { formatBytes } from "../../base/format-bytes.ts";
import { HiveError } from "../../base/hive-error.ts";

type FetchOptions = {
  /** Completes "Cannot download ...". */
  readonly what: string;
  readonly signal: AbortSignal;
};

const attempts = 3;
/** Milliseconds without a byte after which a connection is taken for dead. */
const silence = 30_000;
const firstDelay = 500;
/** Milliseconds between two words of how far it is. */
const sayEvery = 5_000;
const largestText = 8 * 1024 * 1024;

/** What is at `url`, a small text. @throws HiveError "unreachable"; the signal's reason */
export async function fetchText(url: string, options: FetchOptions): Promise<string> {
  let pieces: Uint8Array[] = [];
  for await (const piece of fetchPieces(url, { ...options, largest: largestText })) {
    if (piece === "again") pieces = [];
    else pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

/**
 * What is at `url`, piece by piece, as it is stored there. Proxies and authorities are those of the environment. A
 * connection that breaks or falls silent is tried again, some times: "again" says that it begins anew.
 * @throws HiveError "unreachable" with what the server or the system said; the signal's reason
 */
export async function* fetchPieces(
  url: string,
  {
    what,
    signal,
    largest,
    say,
  }: FetchOptions & { readonly largest: number; readonly say?: (text: string) => void },
): AsyncGenerator<Uint8Array | "again"> {
  for (let attempt = 1; ; attempt++) {
    try {
      yield* fetchOnce(url, { what, signal, largest, say });
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof HiveError) throw error;
      if (attempt === attempts) throw notDownloaded(what, url, errorMessage(error), error);
      say?.(`The download broke off (${errorMessage(error)}), trying again`);
    }
    await delay(firstDelay * attempt, undefined, { signal }).catch(() => signal.throwIfAborted());
    yield "again";
  }
}

/** One try. What may be better next time is thrown as a plain Error. */
async function* fetchOnce(
  url: string,
  {
    what,
    signal,
    largest,
    say,
  }: FetchOptions & {
    readonly largest: number;
    readonly say: ((text: string) => void) | undefined;
  },
): AsyncGenerator<Uint8Array> {
  const silent = new AbortController();
  const timer = setTimeout(
    () => silent.abort(new Error(`nothing came for ${silence / 1000} s`)),
    silence,
  );
  const request = {
    signal: AbortSignal.any([signal, silent.signal]),
    headers: { "User-Agent": "hive", Accept: "*/*" },
    // The checksum is of the file as it is, compressed.
    decompress: false,
  };
  try {
    const response = await fetch(url, request);
    if (!response.ok || response.body === null) {
      const reason = `the server answered ${response.status}`;
      await response.body?.cancel();
      if (response.status >= 500 || response.status === 429) throw new Error(reason);
      throw notDownloaded(what, url, reason);
    }
    const length = Number(response.headers.get("content-length") ?? Number.NaN);
    const size = Number.isNaN(length) ? "" : ` of ${formatBytes(length)}`;
    let [received, told] = [0, performance.now()];
    for await (const piece of response.body) {
      timer.refresh();
      received += piece.byteLength;
      if (received > largest) {
        throw notDownloaded(what, url, `it has more than ${formatBytes(largest)}`);
      }
      if (performance.now() - told > sayEvery) {
        told = performance.now();
        say?.(`  ${formatBytes(received)}${size}`);
      }
      yield piece;
    }
    if (!Number.isNaN(length) && received !== length) {
      throw new Error(`the connection ended after ${received} of ${length} bytes`);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw silent.signal.aborted ? silent.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

function notDownloaded(what: string, url: string, reason: string, cause?: unknown): HiveError {
  return new HiveError("unreachable", `Cannot download ${what}: ${reason}`, {
    cause,
    hint: `It was looked for at ${url}\nBehind a proxy set HTTPS_PROXY; without access name a mirror in HIVE_BUILDKIT_MIRROR, or start it with \`hive dev buildkitd start --mirror=URL\`.`,
  });
}
