import { errorMessage } from "../../base/error-message.ts";
import { HiveError } from "../../base/hive-error.ts";
import { BuildkitError } from "../../buildkit/buildkit-error.ts";
import { restoreHiveReferences } from "../../dockerfile/rewrite-hive-references.ts";
import { formatPlatform } from "../../oci/platform.ts";
import type { Target } from "../../plan/plan.ts";
import type { UntimedEvent } from "../../progress/event.ts";
import { noWayToUs } from "../handover/no-way-to-us.ts";
import type { StepRecord } from "./step-record.ts";

type TargetFailed = Extract<UntimedEvent, { type: "target.failed" }>;

/** Tells a target's failure in the words of the user's files: message, step, place. */
export function targetFailure(
  target: Target,
  error: unknown,
  steps: StepRecord,
  duration: number,
): TargetFailed {
  const base = { type: "target.failed", target: target.id, duration } as const;
  if (!(error instanceof BuildkitError)) {
    const hint = error instanceof HiveError ? error.hint : undefined;
    return {
      ...base,
      message: errorMessage(error),
      canceled: false,
      ...(hint === undefined ? {} : { hint }),
    };
  }
  const step = error.step === undefined ? undefined : steps.describe(error.step);
  const range = error.sources[0]?.ranges[0];
  const templateLine = range && target.dockerfile.lines?.[range.start - 1];
  const hint = hintFor(target, [error.message, ...(step?.log ?? [])]);
  return {
    ...base,
    message: restoreHiveReferences(
      step === undefined ? error.message : withoutDetours(error.message),
    ),
    canceled: error.kind === "canceled",
    ...(step === undefined
      ? {}
      : { step: { name: restoreHiveReferences(step.name), log: step.log } }),
    ...(range === undefined
      ? {}
      : {
          source: {
            file: target.dockerfile.file,
            line: range.start,
            endLine: range.end,
            text: target.dockerfile.text,
            ...(templateLine === undefined ? {} : { templateLine }),
          },
        }),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** What a step ended with. Its command stands above the message anyhow; how the daemon came upon it helps nobody. */
function withoutDetours(message: string): string {
  return message
    .replace(/^process ".*" did not complete successfully: /s, "")
    .replace(/^failed to compute cache key: failed to calculate checksum of ref \S+: /, "")
    .replace(/^(\S+): failed to resolve source metadata for \1: (?:\1: )?/, "$1: ");
}

function hintFor(target: Target, texts: readonly string[]): string | undefined {
  if (texts.some((text) => text.includes("exec format error"))) {
    return `The daemon's machine can't run ${formatPlatform(target.platform)} programs: install an emulator there (qemu-user-static with binfmt).`;
  }
  const entitlement = texts.map((text) => notAllowed.exec(text)?.[1]).find((name) => name);
  if (entitlement !== undefined) {
    return `Start the daemon with --allow-insecure-entitlement ${entitlement}, and name it in image.yml: entitlements: [${entitlement}]`;
  }
  const secret = texts.map((text) => noSecret.exec(text)?.[1]).find((id) => id);
  if (secret !== undefined) {
    return `Declare it in image.yml: secrets: { ${secret}: { source: env, value: NAME_OF_A_VARIABLE } }`;
  }
  if (texts.some((text) => wrongCredentials.test(text))) {
    return "The registry wants other credentials: hive login or docker login stores them.";
  }
  if (texts.some((text) => notInContext.test(text))) {
    return "COPY and ADD take files from the image's directory, less what .dockerignore names; a path begins there.";
  }
  if (texts.some((text) => noSpace.test(text))) {
    return "The disk seems to be full where BuildKit runs: hive dev du shows what its cache takes, hive dev prune makes room.";
  }
  const unreachable = texts.map(noWayToUs).find((address) => address !== undefined);
  if (unreachable !== undefined && !isNamed(target, unreachable)) {
    return "The daemon can't reach the registry inside hive: use --handover=session, or run BuildKit on this machine, without a network namespace of its own (docker run --network host).";
  }
  return undefined;
}

/** The daemon's words for what it does not allow, and for what the build did not ask for. */
const notAllowed = /\b(network\.host|security\.insecure) is not allowed/;

const notInContext = /failed to calculate checksum of ref .*: not found/;

const noSecret = /\bsecret ([\w.-]+): not found/;

const wrongCredentials =
  /401 Unauthorized|403 Forbidden|insufficient_scope|authorization failed|pull access denied|token service of \S+ refused/;

/** The daemon's own words, and those of programs in steps. A full disk of ours is told before it comes here. */
const noSpace = /\bno space left on device\b/i;

/** Whether the Dockerfile itself takes images from there. */
function isNamed({ externals }: Target, address: string): boolean {
  return externals.some(({ reference }) => reference.startsWith(`${address}/`));
}
