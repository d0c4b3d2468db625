import type { HttpAnswer } from "./exchange.ts";

/** What to do where a registry was asked without TLS and may want it: most servers answer 400 then. Undefined elsewhere. */
export function plainHttpHint(
  host: string,
  { status, url }: Pick<HttpAnswer, "status" | "url">,
): string | undefined {
  if (status !== 400 || url.protocol !== "http:") return undefined;
  return `It was asked without TLS. Where it has TLS, name the file of its certificate authority with --ca-cert, or put it at ~/.config/containers/certs.d/${host}/ca.crt.`;
}
