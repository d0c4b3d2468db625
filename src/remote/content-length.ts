/** Bytes that an answer says it has; undefined where it does not say, or nothing that makes sense. */
export function contentLength(headers: Headers): number | undefined {
  const length = headers.get("content-length") ?? "";
  return /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}
