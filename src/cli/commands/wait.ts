import { HiveError } from "../../base/hive-error.ts";
import { tryUntil } from "../../base/try-until.ts";
import { connectBuildkit } from "../../buildkit/connect-buildkit.ts";
import { createDeadline } from "../../base/deadline.ts";
import { formatEndpoint } from "../../buildkit/endpoints/endpoint.ts";
import { type EndpointSources, toldAddress } from "../../buildkit/endpoints/find-endpoint.ts";
import { homeCredentials } from "../../credentials/home-credentials.ts";
import { openRegistry } from "../../remote/open-registry.ts";
import { parseRegistryAddress } from "../../remote/registry-address.ts";
import type { App } from "../app.ts";
import { listOf } from "../arguments.ts";
import { buildkitFlag, buildkitSources, findBuildkit } from "../buildkit/find-buildkit.ts";
import { defineCommand } from "../define-command.ts";
import { printJson } from "../print-json.ts";
import { readDuration } from "../read-value.ts";
import { authorityFor } from "../registry/authority-for.ts";
import { connectionFlags } from "../registry/connection-flags.ts";
import { findPlace } from "../registry/find-place.ts";

/** Milliseconds for one try: who starts up may take a connection and not answer yet. */
const tryTime = 3000;
const delay = 250;

/** One thing that is waited for. */
type Awaited = {
  readonly kind: "buildkit" | "registry";
  /** As it is named, or found. */
  readonly address: string | undefined;
  readonly ready: boolean;
  /** What it said of itself; why it is not ready. */
  readonly detail: string;
};

type Wait = {
  readonly kind: Awaited["kind"];
  readonly address: string | undefined;
  readonly attempt: (signal: AbortSignal) => Promise<Omit<Awaited, "kind" | "ready">>;
};

export const waitCommand = defineCommand({
  args: {
    ...buildkitFlag,
    registry: {
      type: "string",
      valueHint: "address,...",
      description: "Wait for these registries, too, as localhost:5000, or names of hive.yml",
    },
    ...connectionFlags,
    timeout: {
      type: "string",
      default: "60s",
      valueHint: "span",
      description: "How long to wait",
    },
    json: { type: "boolean", description: "Print what answered as JSON" },
  },
  async run(app, args) {
    const timeout = readDuration("timeout", args.timeout);
    const sources = await buildkitSources(app, args);
    const places = await Promise.all(
      listOf(args.registry).map((registry) => findPlace(app, { ...args, registry })),
    );
    const addresses = new Set(places.flatMap((place) => place?.address ?? []));
    const waits = [
      ...sources.map((each) => buildkitWait(app, each)),
      ...[...addresses].map((address) => registryWait(app, args, address)),
    ];
    using deadline = createDeadline({ signal: app.signal, timeout });
    const results = await Promise.all(waits.map((wait) => waitFor(app, wait, deadline.signal)));
    const missing = results.filter(({ ready }) => !ready);
    if (args.json === true) {
      const result = { ready: missing.length === 0, waitedFor: results };
      printJson(app.stdout, result);
    } else {
      for (const result of results.filter(({ ready }) => ready)) {
        app.stdout.write(`${nameOf(result)}: ${result.detail}\n`);
      }
    }
    if (missing.length === 0) return 0;
    const list = missing.map(
      (result) => `  ${nameOf(result)}: ${result.detail.replaceAll("\n", "\n  ")}`,
    );
    const unnamed = missing.some(
      ({ kind, address }) => kind === "buildkit" && address === undefined,
    );
    throw new HiveError(
      "unreachable",
      `No answer within ${args.timeout} from\n${list.join("\n")}`,
      {
        hint: unnamed
          ? "Start one, as with `hive dev buildkitd start`, or say where it is: BUILDKIT_HOST, --buildkit. Wait longer with --timeout."
          : "See whether it was started, and its address; wait longer with --timeout.",
      },
    );
  },
});

function buildkitWait(app: App, sources: EndpointSources): Wait {
  return {
    kind: "buildkit",
    address: toldAddress(sources)?.text,
    async attempt(signal) {
      const { endpoint } = await findBuildkit(sources, signal);
      const options = { signal, timeout: tryTime, env: app.env };
      await using buildkit = await connectBuildkit(endpoint, options);
      const { length } = buildkit.workers;
      // It listens before its workers are there.
      if (length === 0) throw new HiveError("unreachable", "it has no worker yet");
      return { address: formatEndpoint(endpoint), detail: `${buildkit.version} answers` };
    },
  };
}

type AccessFlags = {
  readonly "ca-cert"?: string | undefined;
  readonly "plain-http"?: boolean | undefined;
};

function registryWait(app: App, flags: AccessFlags, address: string): Wait {
  return {
    kind: "registry",
    address,
    async attempt(signal) {
      const { host } = parseRegistryAddress(address);
      const registry = openRegistry({
        address,
        credential: await homeCredentials(app.env, { signal })(host),
        // Each time: a registry that starts makes it first.
        certificateAuthority: await authorityFor(app, flags, address),
        plainHttp: flags["plain-http"] === true,
        limits: { attempts: 1, answer: tryTime },
        signal,
      });
      try {
        await registry.ping();
        return { address, detail: "it answers" };
      } catch (error) {
        // Who asks for credentials is there.
        if (!(error instanceof HiveError) || error.kind !== "unauthorized") throw startingUp(error);
        return { address, detail: "it answers, and wants credentials" };
      }
    },
  };
}

/** Something in front of a registry may answer before it does. */
function startingUp(error: unknown): unknown {
  if (!(error instanceof HiveError) || error.kind !== "failed") return error;
  return new HiveError("unreachable", error.message, { hint: error.hint, cause: error });
}

/** Tells what it waits for once that takes longer than one try, and each time the reason changes. */
async function waitFor({ log }: App, wait: Wait, signal: AbortSignal): Promise<Awaited> {
  const { kind, address, attempt } = wait;
  let detail = "no answer";
  try {
    const found = await tryUntil(() => attempt(signal), {
      signal,
      delay,
      onFailure({ message }) {
        if (detail === message) return;
        detail = message;
        log.info(`Waiting for ${nameOf(wait)}: ${message}`);
      },
    });
    return { kind, ready: true, ...found };
  } catch (error) {
    if (error instanceof HiveError) throw error;
    if (!signal.aborted) throw error;
    return { kind, address, ready: false, detail };
  }
}

function nameOf({ kind, address }: Pick<Awaited, "kind" | "address">): string {
  const name = kind === "buildkit" ? "BuildKit" : "registry";
  return address === undefined ? name : `${name} ${address}`;
}
