import { join } from "node:path";
import type { Receive } from "../buildkit/filesend/receive.ts";
import { solve } from "../buildkit/solve.ts";
import { targetContext } from "../context/target-context.ts";
import { formatPlatform } from "../oci/platform.ts";
import type { Plan, Target, TargetId } from "../plan/plan.ts";
import type { BuiltImage } from "./target/build-target.ts";
import type { MakeImageOptions } from "./make-image.ts";
import { stepEvent } from "./target/step-event.ts";
import { targetRequest } from "./target/target-request.ts";
import { maskStepEvent } from "./target/target-secrets.ts";

/** Where the files of images go besides the store; `path` is absolute. */
export type BuildOutput =
  | { readonly kind: "directory"; readonly path: string }
  /** For one target alone. */
  | { readonly kind: "tar"; readonly path: string };

type WriteOptions = MakeImageOptions & { readonly output: BuildOutput };

/**
 * Writes the files of a target that was just built: the same build once more, all of it cached, that sends its result.
 * @throws BuildkitError, HiveError
 */
export async function writeOutput(
  target: Target,
  needs: ReadonlyMap<TargetId, BuiltImage>,
  options: WriteOptions & { readonly plan: Plan },
): Promise<void> {
  const { onNode, results, output, plan, secrets, steps, emit, signal } = options;
  const { credentials } = results;
  const ignore = results.ignore(target.context.dockerfile);
  const bases = await options.basesOf(target);
  const context = targetContext(target.context);
  let skipped = 0;
  const receive: Receive =
    output.kind === "tar"
      ? { kind: "file", path: output.path }
      : {
          kind: "directory",
          path: outputDirectory(output.path, target, plan),
          onSkipped: () => skipped++,
        };
  await onNode(target, needs, async ({ buildkit, handover }) => {
    const place = { buildkit, handover, credentials };
    const given = { ...options, ...place, context, bases, ignore, noCache: false };
    const { epoch } = target;
    await solve(
      buildkit,
      {
        ...targetRequest(target, needs, given),
        // The result is that of the build before, also of steps that never are to be taken from the cache.
        noCache: false,
        exporter: {
          type: output.kind === "tar" ? "tar" : "local",
          attrs: epoch === undefined ? {} : { "source-date-epoch": String(epoch) },
        },
        receive,
      },
      {
        signal,
        onStatus(raw) {
          const event = maskStepEvent(raw, secrets.mask);
          steps.push(event);
          emit(stepEvent(target.id, target.dockerfile.file, event));
        },
      },
    );
  });
  if (skipped === 0) return;
  const message = `${skipped} devices, pipes or sockets of the image were left out of ${output.path}`;
  emit({ type: "warning", target: target.id, message });
}

/** Of one target the directory itself, of several `<name>/<tag>/<os>_<arch>` in it. */
function outputDirectory(path: string, target: Target, { targets }: Plan): string {
  if (targets.filter(({ requested }) => requested).length === 1) return path;
  return join(path, target.name, target.tag, formatPlatform(target.platform).replaceAll("/", "_"));
}
