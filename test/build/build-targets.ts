import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "../../src/base/environment.ts";
import { storeResults } from "../../src/build/results/store-results.ts";
import { build } from "../../src/build/build.ts";
import { openLayout } from "../../src/oci/layout.ts";
import { parsePlatform } from "../../src/oci/platform.ts";
import type { Plan, Target } from "../../src/plan/plan.ts";
import type { BuildEvent, EventOf } from "../../src/progress/event.ts";
import { connectTestDaemon } from "../buildkit/build.ts";
import { requireEnv } from "../support/require-env.ts";
import { sampleTarget } from "./sample-target.ts";

type TargetsBuild = {
  /** Keeps `.hive` and the targets' contexts. */
  readonly directory: string;
  readonly targets: readonly Target[];
  readonly cache?: Plan["cache"];
  /** Default: the one that BUILDKIT_HOST names. */
  readonly daemon?: string;
  readonly env?: Environment;
  readonly noCache?: boolean;
  readonly exportCache?: boolean;
  readonly jobs?: number;
};

export type TargetsResult = {
  readonly ok: boolean;
  readonly events: readonly BuildEvent[];
  readonly warnings: readonly string[];
  readonly done: readonly EventOf<"target.done">[];
  readonly failed: readonly EventOf<"target.failed">[];
  /** What ran and was not taken from a cache: `RUN echo`. */
  readonly ran: readonly string[];
};

/** A target with this Dockerfile, whose context has busybox; its steps are new to every daemon when the text is. */
export async function shellTarget(
  directory: string,
  name: string,
  steps: string,
  more: Partial<Target> = {},
): Promise<Target> {
  const context = join(directory, name);
  await mkdir(context, { recursive: true });
  await copyFile(requireEnv("HIVE_TEST_BUSYBOX"), join(context, "busybox"));
  const text = `FROM scratch\nCOPY --chmod=755 busybox /bin/sh\n${steps}\n`;
  await writeFile(join(context, "Dockerfile"), text);
  return sampleTarget(name, {
    // The same image, whenever its steps run.
    epoch: 1_700_000_000,
    dockerfile: { file: `images/${name}/Dockerfile`, text },
    context: {
      directory: context,
      dockerfile: join(context, "Dockerfile"),
      rootfs: [],
      exclude: [],
      rendered: {},
    },
    ...more,
  });
}

/** Builds targets as `hive build` does, always asking the daemon. */
export async function buildTargets(options: TargetsBuild): Promise<TargetsResult> {
  const { directory, targets, cache, env = {}, jobs = 4 } = options;
  await using buildkit = await connectTestDaemon(options.daemon);
  using layout = await openLayout(join(directory, ".hive"));
  const events: BuildEvent[] = [];
  const ok = await build({
    plan: {
      root: directory,
      targets,
      aliases: [],
      warnings: [],
      ...(cache === undefined ? {} : { cache }),
    },
    nodes: [{ buildkit, platforms: [] }],
    openResults: storeResults({ layout, handover: "auto" }),
    jobs,
    onFailure: "continue",
    reuse: false,
    noCache: options.noCache ?? false,
    exportCache: options.exportCache ?? true,
    native: parsePlatform("linux/amd64"),
    resolveBase: async () => undefined,
    credentials: async () => undefined,
    env,
    emit: (event) => events.push(event),
    signal: new AbortController().signal,
  });
  const ofType = <T extends BuildEvent["type"]>(type: T): EventOf<T>[] =>
    events.filter((event): event is EventOf<T> => event.type === type);
  const names = new Map(ofType("step.start").map(({ step, name }) => [step, name]));
  return {
    ok,
    events,
    warnings: ofType("warning").map(({ message }) => message),
    done: ofType("target.done"),
    failed: ofType("target.failed"),
    ran: ofType("step.done").flatMap(({ step, cached }) => {
      const name = names.get(step) ?? "";
      return cached || !name.includes("] RUN ") ? [] : [name.replace(/^.*?\] /, "")];
    }),
  };
}
