import type { RegistryErrorCode } from "./registry-error.ts";
import type { Route } from "./route.ts";

/** What the registry found out about a request, for whoever watches it: a log, counters. */
export type RequestNotes = {
  /** Undefined until the path is read, and where it is none of the registry's. */
  route: Route | undefined;
  /** Undefined: nobody in particular. */
  user: string | undefined;
  errorCode: RegistryErrorCode | undefined;
  /** Bytes that came as body. */
  received: number;
};

// Keyed by the request, so that nothing between the server and an endpoint has to hand it on.
const watched = new WeakMap<Request, RequestNotes>();

/** Starts to take notes on a request. Nothing is noted on those that nobody watches. */
export function watchRequest(request: Request): RequestNotes {
  const notes: RequestNotes = {
    route: undefined,
    user: undefined,
    errorCode: undefined,
    received: 0,
  };
  watched.set(request, notes);
  return notes;
}

/** The notes on a request; undefined when nobody watches it. */
export function notesOf(request: Request): RequestNotes | undefined {
  return watched.get(request);
}
