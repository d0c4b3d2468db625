import type { RequestNotes } from "../registry/request-notes.ts";

/** The kinds of address that the server answers, few enough to be counted one by one. */
export const endpoints = [
  "base",
  "catalog",
  "token",
  "tags",
  "referrers",
  "manifest",
  "blob",
  "uploads",
  "upload",
  "page",
  "metrics",
  "healthz",
  "other",
] as const;

export type Endpoint = (typeof endpoints)[number];

/** What a request was for; `other` where the path is nobody's, or the sender was refused before it was read. */
export function endpointOf(path: string, notes: RequestNotes): Endpoint {
  if (notes.route !== undefined) return notes.route.kind;
  if (path === "/healthz") return "healthz";
  if (path === "/metrics") return "metrics";
  return isPagePath(path) ? "page" : "other";
}

/** Whether a path belongs to the pages for people. */
export function isPagePath(path: string): boolean {
  return path === "/" || path === "/login" || path.startsWith("/-/");
}
