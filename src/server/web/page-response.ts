import type { Html } from "./html.ts";

const securityHeaders = {
  // No script at all, and nothing from elsewhere: what a push puts into a page stays text.
  "Content-Security-Policy":
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
} as const;

type PageResponseOptions = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A page as an answer, without its body for HEAD. Nobody stores it: what it shows depends on who asks, and changes. */
export function pageResponse(
  page: Html,
  method: string,
  { status = 200, headers = {} }: PageResponseOptions = {},
): Response {
  const text = page.toString();
  return new Response(method === "HEAD" ? null : text, {
    status,
    headers: {
      ...securityHeaders,
      "Cache-Control": "no-store",
      "Content-Length": `${Buffer.byteLength(text)}`,
      "Content-Type": "text/html; charset=utf-8",
      ...headers,
    },
  });
}

/** A file of our own, which everybody may have: it is asked for again, and answered by 304 when it is the same. */
export function assetResponse(text: string, type: string, request: Request): Response {
  const etag = `"${Bun.hash(text).toString(16)}"`;
  const headers = { ...securityHeaders, "Cache-Control": "no-cache", ETag: etag };
  if (request.headers.get("if-none-match") === etag) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(request.method === "HEAD" ? null : text, {
    headers: { ...headers, "Content-Length": `${Buffer.byteLength(text)}`, "Content-Type": type },
  });
}
