import { toError } from "../base/to-error.ts";

/**
 * The codes that a registry answers with.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes}
 */
export type RegistryErrorCode =
  | "BLOB_UNKNOWN"
  | "BLOB_UPLOAD_INVALID"
  | "BLOB_UPLOAD_UNKNOWN"
  | "DIGEST_INVALID"
  | "MANIFEST_BLOB_UNKNOWN"
  | "MANIFEST_INVALID"
  | "MANIFEST_UNKNOWN"
  | "NAME_INVALID"
  | "NAME_UNKNOWN"
  | "SIZE_INVALID"
  | "UNAUTHORIZED"
  | "DENIED"
  | "UNSUPPORTED"
  | "TOOMANYREQUESTS"
  // Not of the specification, which has no word for our own faults.
  | "UNKNOWN";

/** One entry of an error's body. */
export type RegistryErrorItem = {
  readonly code: RegistryErrorCode;
  readonly message: string;
  /** What the client can work with: for a missing blob its digest. */
  readonly detail?: unknown;
};

/** What a client is told: thrown anywhere in the registry, answered in one place. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  readonly status: number;
  readonly code: RegistryErrorCode;
  readonly headers: Readonly<Record<string, string>>;
  /** All of the body; mostly one entry, of this error's own code and message. */
  readonly items: readonly RegistryErrorItem[];

  constructor(
    status: number,
    code: RegistryErrorCode,
    message: string,
    headers: Readonly<Record<string, string>> = {},
    items: readonly RegistryErrorItem[] = [{ code, message }],
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
    this.items = items;
  }
}

/** What a client is told of an error: its own fault in full, of ours, which `onError` takes, only that there was one. */
export function toRegistryError(error: unknown, onError?: (error: Error) => void): RegistryError {
  if (error instanceof RegistryError) return error;
  onError?.(toError(error));
  return new RegistryError(500, "UNKNOWN", "internal error");
}

/** The answer for an error, without a body for HEAD. */
export function errorResponse(error: RegistryError, method: string): Response {
  const { status, items, headers } = error;
  const body = JSON.stringify({ errors: items });
  return new Response(method === "HEAD" ? null : body, {
    status,
    headers: { "Content-Type": "application/json", ...headers },
  });
}
