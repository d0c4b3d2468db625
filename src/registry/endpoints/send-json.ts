/** Answers GET with `json`, HEAD with the same headers and no body. */
export function sendJson(
  { method }: Request,
  json: string,
  headers: Readonly<Record<string, string>>,
): Response {
  const body = Buffer.from(json);
  return new Response(method === "HEAD" ? null : body, {
    headers: {
      "Content-Type": "application/json",
      "Content-Length": `${body.byteLength}`,
      ...headers,
    },
  });
}
