import { HiveError } from "../base/hive-error.ts";
import { isRepositoryName } from "../oci/reference.ts";
import { type AuthorizedExchange, createAuthorizedExchange } from "./authorized-exchange.ts";
import type { RemoteCredential } from "./credential.ts";
import type { Endpoint } from "./endpoint.ts";
import type { HttpAnswer, HttpRequest } from "./exchange.ts";
import { refusal } from "./refusal.ts";

type Call = {
  readonly method: HttpRequest["method"];
  /** From `/v2/` on, or a whole URL of the same registry. */
  readonly path: string | URL;
  readonly scope: string;
  /** What is tried, for the error: `list the tags of "app"`. */
  readonly action: string;
  readonly accept?: string;
  readonly range?: string;
  readonly content?: { readonly mediaType: string; readonly bytes: Uint8Array<ArrayBuffer> };
  readonly limit: number;
  readonly streamed?: readonly number[];
  readonly signal?: AbortSignal | undefined;
  /** Other answers are errors. */
  readonly expected: readonly number[];
};

/** Calls of a registry's API: what is not expected is an error. */
export type RemoteClient = {
  readonly endpoint: Endpoint;
  /** As the registry wants it authorized; every answer is one. */
  readonly authorized: AuthorizedExchange;
  /** @throws HiveError */
  call(call: Call): Promise<HttpAnswer>;
};

/** A client for the registry at `endpoint`; nothing is sent yet. */
export function createRemoteClient(
  endpoint: Endpoint,
  credential: RemoteCredential | undefined,
): RemoteClient {
  const { host, origin } = endpoint.address;
  const authorized: AuthorizedExchange = createAuthorizedExchange(endpoint, credential);
  return {
    endpoint,
    authorized,
    async call({ path, scope, action, accept, range, content, expected, ...rest }) {
      const headers = {
        ...(accept === undefined ? {} : { Accept: accept }),
        ...(range === undefined ? {} : { Range: range }),
        ...(content === undefined ? {} : { "Content-Type": content.mediaType }),
      };
      const body = content === undefined ? {} : { body: content.bytes };
      const request = { ...rest, url: new URL(path, origin), headers, ...body };
      const answer = await authorized(request, scope);
      if (expected.includes(answer.status)) return answer;
      throw refusal(host, action, answer);
    },
  };
}

/** The scope of a token for a repository: `pull` reads, `push` writes, `delete` removes. */
export function repositoryScope(
  repository: string,
  actions: "pull" | "pull,push" | "pull,delete",
): string {
  return `repository:${repository}:${actions}`;
}

/**
 * `/v2/<repository>/...`. The name may come from a registry's own list.
 * @throws HiveError "failed" for what is no name and could be another path.
 */
export function repositoryPath(repository: string, rest: string): string {
  if (isRepositoryName(repository)) return `/v2/${repository}/${rest}`;
  throw new HiveError("failed", `${JSON.stringify(repository)} is no name of a repository`);
}
