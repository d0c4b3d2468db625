import { errorMessage } from "../base/error-message.ts";
import { HiveError } from "../base/hive-error.ts";
import { printable } from "../base/printable.ts";
import { systemErrorCode } from "../base/system-error.ts";
import { socketProblem } from "../http2/socket-problem.ts";
import { tlsProblem } from "../http2/tls-problem.ts";
import type { UpgradeRefused } from "../http2/upgrade-refused.ts";
import type { Cluster, Credential } from "./cluster.ts";
import type { ExecEnd } from "./exec-stream.ts";
import type { ExecTarget } from "./open-exec.ts";

/** What counts of Kubernetes' `v1.Status`. */
type Status = {
  readonly succeeded: boolean;
  readonly message: string;
  readonly exitCode: string | undefined;
};

/** A cluster that can't be reached. */
export function explainConnection(
  error: unknown,
  { server }: Cluster,
  { cert }: Credential,
): HiveError {
  const [reason, hint] = connectionReason(error, cert !== undefined, server);
  const message = `the cluster at ${server.host} can't be reached: ${reason}`;
  return new HiveError("unreachable", message, { hint, cause: error });
}

function connectionReason(
  error: unknown,
  hasCertificate: boolean,
  server: URL,
): readonly [reason: string, hint: string] {
  const usual = "See whether kubectl gets there: kubectl version";
  const problem = tlsProblem(error, hasCertificate);
  switch (problem?.kind) {
    case "untrusted":
      return [
        "its certificate is of an authority that is not trusted here",
        "The kubeconfig's cluster needs certificate-authority-data of the authority.",
      ];
    case "expired":
    case "early":
      return ["its certificate is not valid at this time", "Is this machine's clock wrong?"];
    case "name":
      return [
        `its certificate is not for ${server.hostname}, but for ${problem.names}`,
        "Use another name for server in the kubeconfig, or set tls-server-name.",
      ];
    case "certificate-wanted":
    case "certificate-refused":
      return [
        "it does not accept the user's certificate",
        "Have a new one made: those of a kubeconfig usually run out after a year.",
      ];
    case "not-http2":
    case "not-tls":
      return ["it does not speak TLS", "See whether this is the address of a Kubernetes API."];
    case undefined:
      break;
  }
  return [socketProblem(error) ?? systemErrorCode(error) ?? errorMessage(error), usual];
}

/** An answer other than "go on". */
export function explainRefusal({ status, said }: UpgradeRefused, target: ExecTarget): HiveError {
  const words = said === "" ? "" : `: ${said}`;
  const inNamespace = `--namespace ${target.namespace}`;
  switch (status) {
    case 401:
      return new HiveError("unauthorized", `the cluster does not know who asks${words}`, {
        hint: "The credential of the kubeconfig's user may have run out: log in to the cluster again.",
      });
    case 403:
      return new HiveError("unauthorized", `the cluster does not allow it${words}`, {
        hint: `A role must allow "get" and "create" of pods/exec: kubectl auth can-i create pods/exec ${inNamespace}`,
      });
    case 404:
      return new HiveError("unreachable", `there is no such pod${words}`, {
        hint: `See which there are: kubectl get pods ${inNamespace}\nAnother namespace goes into the address: kube-pod://POD?namespace=NAME`,
      });
    case 400:
      return new HiveError("unreachable", `the cluster can't run a command there${words}`, {
        hint: containerHint(target),
      });
    default:
      return new HiveError("unreachable", `the cluster answered ${status}${words}`, {
        hint: containerHint(target),
      });
  }
}

/** How a command ended that was to run until we close it; undefined when that is no fault. */
export function explainEnd(
  { status: text, stderr, error }: ExecEnd,
  target: ExecTarget,
): HiveError | undefined {
  const status = parseStatus(text);
  if (status === undefined) {
    const reason = error === undefined ? "" : `: ${printable(error.message)}`;
    return new HiveError("unreachable", `the connection to the pod ended${reason}`, {
      hint: containerHint(target),
      cause: error,
    });
  }
  const command = target.command.join(" ");
  const last = stderr.at(-1);
  if (status.succeeded) return undefined;
  if (/executable file not found|no such file or directory/i.test(status.message)) {
    return new HiveError("unreachable", `there is no ${target.command[0] ?? ""} in the container`, {
      hint: "Name the container that BuildKit runs in: kube-pod://POD?container=NAME",
    });
  }
  if (status.exitCode !== undefined) {
    const said = last === undefined ? "" : `: ${last}`;
    return new HiveError("unreachable", `"${command}" ended with ${status.exitCode}${said}`, {
      hint: "Does buildkitd run in this container, at the socket that its buildctl uses?",
    });
  }
  return new HiveError("unreachable", `"${command}" can't run: ${printable(status.message)}`, {
    hint: containerHint(target),
  });
}

function containerHint({ namespace, pod }: ExecTarget): string {
  return `See whether its container runs: kubectl get pod ${pod} --namespace ${namespace}\nOf several, name the one of BuildKit: kube-pod://${pod}?container=NAME`;
}

function parseStatus(text: string | undefined): Status | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { status, message, details } = value as {
    status?: unknown;
    message?: unknown;
    details?: { causes?: readonly { reason?: unknown; message?: unknown }[] };
  };
  const causes = Array.isArray(details?.causes) ? details.causes : [];
  const exit = causes.find(({ reason }) => reason === "ExitCode")?.message;
  return {
    succeeded: status === "Success",
    message: typeof message === "string" ? printable(message) : "",
    exitCode: typeof exit === "string" ? exit : undefined,
  };
}
