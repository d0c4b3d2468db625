import type { BuildRequest } from "../../buildkit/solve-request.ts";
import { contextKey } from "../../context/context-key.ts";
import { steadyTimes } from "../../context/steady-times.ts";
import {
  rewriteHiveArgs,
  rewriteHiveReferences,
} from "../../dockerfile/rewrite-hive-references.ts";
import { pinContexts } from "../../inputs/pin-contexts.ts";
import type { Target, TargetId } from "../../plan/plan.ts";
import type { BuildTargetOptions, BuiltImage } from "./build-target.ts";
import { parentContexts } from "./parent-contexts.ts";
import { sshAgents } from "./ssh-agents.ts";
import { targetContexts } from "./target-contexts.ts";
import { targetSecrets } from "./target-secrets.ts";

/** A target as the daemon is to build it, without caches. */
export function targetRequest(
  target: Target,
  needs: ReadonlyMap<TargetId, BuiltImage>,
  options: BuildTargetOptions,
): BuildRequest {
  const { context, contextKind = "context", bases, ignore, handover } = options;
  const { text } = target.dockerfile;
  const { epoch } = target;
  const { stage, ssh, noCache, pull, network, entitlements } = target.settings;
  const encoder = new TextEncoder();
  const contexts = targetContexts(target, bases);
  return {
    dockerfile: {
      name: "Dockerfile",
      bytes: encoder.encode(rewriteHiveReferences(text)),
      ...(ignore === undefined ? {} : { ignore: encoder.encode(ignore) }),
    },
    context: epoch === undefined ? context : steadyTimes(context, epoch),
    sharedKey: contextKey(target.context, contextKind),
    platform: target.platform,
    ...(stage === undefined ? {} : { target: stage }),
    buildArgs: {
      ...rewriteHiveArgs(text, target.buildArgs),
      // Sets the times in the image's config, and is there for steps that ask for it with ARG.
      ...(epoch === undefined ? {} : { SOURCE_DATE_EPOCH: String(epoch) }),
    },
    labels: target.labels,
    // What the user names wins over a pin.
    namedContexts: {
      ...pinContexts(target, bases),
      ...contexts.namedContexts,
      ...parentContexts(target, needs, handover),
    },
    localContexts: contexts.localContexts,
    noCache: options.noCache || noCache,
    pull,
    ...(network === undefined ? {} : { network }),
    // Whoever writes "network: host" wants it; whether it is allowed is the daemon's word.
    entitlements: [...new Set([...entitlements, ...(network === "host" ? ["network.host"] : [])])],
    exporter: handover.exporter(target),
    stores: handover.stores ?? new Map(),
    credentials: options.credentials,
    ...(options.tokens === undefined ? {} : { tokens: options.tokens }),
    secrets: targetSecrets(target, options.secrets),
    ssh: sshAgents(ssh, options.env),
  };
}
