import type { RegistryContext } from "../registry-context.ts";
import { RegistryError } from "../registry-error.ts";
import { sendJson } from "./send-json.ts";

/**
 * `GET /v2/token`: a token for whoever asks, a user by password or nobody. What it allows is looked up whenever it is
 * shown, so the scopes that clients ask for are of no meaning.
 * {@link https://distribution.github.io/distribution/spec/auth/token/#token-response-fields}
 */
export function handleToken({ access }: RegistryContext, request: Request): Response {
  if (access.issueToken === undefined) {
    throw new RegistryError(404, "UNSUPPORTED", "no such endpoint");
  }
  const { token, expiresIn } = access.issueToken();
  const body = JSON.stringify({ token, access_token: token, expires_in: expiresIn });
  return sendJson(request, body, { "Cache-Control": "no-store" });
}
