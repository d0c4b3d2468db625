import { HiveError } from "../../base/hive-error.ts";
import { printable } from "../../base/printable.ts";
import type { RemotePlace } from "./remote-place.ts";

type FailurePlace = Pick<RemotePlace, "host" | "tls"> & {
  readonly repositories: Iterable<string>;
};

/**
 * Why a daemon could not push to a registry, or pull from it what it had pushed.
 * @param message the daemon's, or an engine's
 * @returns undefined when the message says something else
 */
export function remoteFailure(
  message: string,
  { host, tls, repositories }: FailurePlace,
  cause?: unknown,
): HiveError | undefined {
  const isOurs = [...repositories].some((repository) =>
    [`${host}/${repository}:`, `/v2/${repository}/`].some((name) => message.includes(name)),
  );
  if (!isOurs) return undefined;
  const reason = printable(endOf(message));
  if (refused.test(message)) {
    return new HiveError("unauthorized", `${host} did not let BuildKit push: ${reason}`, {
      hint: `Log in as a user that may push, with \`hive login ${host}\`.`,
      cause,
    });
  }
  // Without being told otherwise daemons try plain HTTP on loopback.
  const isWrong = tls && message.includes(`http://${host}/`);
  if (isWrong || untrusted.test(message)) {
    return new HiveError(
      "unreachable",
      `BuildKit ${isWrong ? "speaks no TLS to" : "does not trust"} ${host}: ${reason}`,
      {
        hint: `BuildKit itself must know the registry's certificate authority: \`hive registry config buildkit --registry ${host} --ca-cert FILE\` prints what its buildkitd.toml needs.`,
        cause,
      },
    );
  }
  if (plain.test(message)) {
    return new HiveError(
      "unreachable",
      `BuildKit wants TLS of ${host}, which has none: ${reason}`,
      {
        hint: `BuildKit itself must know that the registry speaks plain HTTP: \`hive registry config buildkit --registry ${host} --plain-http\` prints what its buildkitd.toml needs.`,
        cause,
      },
    );
  }
  if (noWay.test(message)) {
    return new HiveError("unreachable", `BuildKit can't reach ${host}: ${reason}`, {
      hint: "The daemon has to reach the registry under this very name, from where it runs; 127.0.0.1 is another machine in a container.",
      cause,
    });
  }
  return undefined;
}

/** Characters. */
const reasonLimit = 240;

/** What matters of a daemon's message stands at its end. */
function endOf(message: string): string {
  if (message.length <= reasonLimit) return message;
  return `…${message.slice(-reasonLimit).replace(/^\S*/, "")}`;
}

const refused =
  /\b401 Unauthorized|\b403 Forbidden|insufficient_scope|authorization failed|push access denied|\bunauthorized: |\bdenied: |token service of \S+ refused|no basic auth credentials/;

const untrusted = /\bx509: |certificate signed by unknown authority|failed to verify certificate/;

const plain =
  /server gave HTTP response to HTTPS client|first record does not look like a TLS handshake/;

const noWay =
  /connection refused|no route to host|network is unreachable|no such host|i\/o timeout|server misbehaving|TLS handshake timeout/;
