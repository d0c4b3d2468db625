import type { BlobStore, BlobWriter } from "../oci/blob-store.ts";
import type { DigestAlgorithm } from "../oci/digest.ts";
import { RegistryError } from "./registry-error.ts";

/** An upload between its POST and its PUT. */
export type UploadSession = {
  readonly id: string;
  readonly repository: string;
  /** Who opened it; undefined where there are no users. */
  readonly user: string | undefined;
  readonly writer: BlobWriter;
  /** A request is bringing bytes for it right now. */
  busy: boolean;
  /** When bytes or a request came last, by `performance.now()`. */
  touched: number;
};

/** What an upload belongs to. */
type UploadPlace = Pick<UploadSession, "repository" | "user">;

/** The uploads under way. Disposing gives all of them up. */
export type UploadSessions = Disposable & {
  open(place: UploadPlace, algorithm: DigestAlgorithm): UploadSession;
  /** The session for one request, which is alone with it until `release`. */
  claim(place: UploadPlace, id: string): UploadSession;
  release(session: UploadSession): void;
  find(place: UploadPlace, id: string): UploadSession;
  /** Ends the session; what it holds and has not committed is removed. */
  close(session: UploadSession): void;
  /** How many are open. */
  readonly size: number;
};

type UploadSessionsOptions = {
  readonly blobs: BlobStore;
  /** At most so many at a time. */
  readonly limit: number;
  /** Milliseconds after which an upload nobody asks for is given up. */
  readonly lifetime: number;
  /** The same for uploads without a byte, when others need their place. Default: one minute. */
  readonly emptyLifetime?: number;
};

/** Without any upload yet; those that nobody goes on with are given up after a while. */
export function createUploadSessions(options: UploadSessionsOptions): UploadSessions {
  const { blobs, limit, lifetime, emptyLifetime = 60_000 } = options;
  const sessions = new Map<string, UploadSession>();

  const close = (session: UploadSession): void => {
    sessions.delete(session.id);
    session.writer[Symbol.dispose]();
  };
  const sweep = (forEmpty: number): void => {
    const now = performance.now();
    for (const session of sessions.values()) {
      const patience = session.writer.size === 0 ? forEmpty : lifetime;
      if (!session.busy && now - session.touched > patience) close(session);
    }
  };
  const find = ({ repository, user }: UploadPlace, id: string): UploadSession => {
    const session = sessions.get(id);
    // An upload of another repository, or user, is as unknown as none: the id alone gives no right to it.
    if (session?.repository !== repository || session.user !== user) {
      throw new RegistryError(404, "BLOB_UPLOAD_UNKNOWN", "unknown upload");
    }
    return session;
  };
  const timer = setInterval(() => sweep(lifetime), Math.min(lifetime, 60_000));
  timer.unref();

  return {
    open({ repository, user }, algorithm) {
      // Opening one costs a client nothing: those who only open must not keep others out for long.
      if (sessions.size >= limit) sweep(Math.min(emptyLifetime, lifetime));
      if (sessions.size >= limit) {
        throw new RegistryError(429, "TOOMANYREQUESTS", "too many uploads", { "Retry-After": "1" });
      }
      const session: UploadSession = {
        id: crypto.randomUUID().replaceAll("-", ""),
        repository,
        user,
        writer: blobs.createWriter({ algorithm }),
        busy: false,
        touched: performance.now(),
      };
      sessions.set(session.id, session);
      return session;
    },
    claim(place, id) {
      const session = find(place, id);
      if (session.busy) {
        throw new RegistryError(
          409,
          "BLOB_UPLOAD_INVALID",
          "another request writes to this upload",
        );
      }
      session.busy = true;
      session.touched = performance.now();
      return session;
    },
    release(session) {
      session.busy = false;
      session.touched = performance.now();
    },
    find,
    close,
    get size() {
      return sessions.size;
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      for (const session of sessions.values()) close(session);
    },
  };
}
