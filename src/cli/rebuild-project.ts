import { join } from "node:path";
import { HiveError } from "../base/hive-error.ts";
import { build } from "../build/build.ts";
import type { HandoverMode } from "../build/handover/create-handovers.ts";
import { rebuild, type RebuiltTarget } from "../build/rebuild.ts";
import { storeResults } from "../build/results/store-results.ts";
import { homeCredentials } from "../credentials/home-credentials.ts";
import { passwordLookup } from "../credentials/password-lookup.ts";
import type { Digest } from "../oci/digest.ts";
import { openLayout } from "../oci/layout.ts";
import { createScratch } from "../oci/scratch.ts";
import type { DisplayMode } from "../progress/display-mode.ts";
import type { BuildEvent } from "../progress/event.ts";
import type { App } from "./app.ts";
import { mayStartManaged } from "./buildkit/managed-buildkit.ts";
import { openBuildkit } from "./buildkit/open-buildkit.ts";
import { nativePlatform } from "./buildkit/node-platforms.ts";
import { openProject, type ProjectFlags } from "./project/open-project.ts";
import { openRun } from "./open-run.ts";
import { checkSelection, planSelection, type Selection } from "./project/plan-project.ts";
import { quickBases } from "./quick-bases.ts";
import { registryTokens } from "./registry-tokens.ts";

export type RebuildFlags = ProjectFlags &
  Selection & { readonly buildkit?: string | undefined; readonly handover: HandoverMode };

/**
 * Builds a selection as usual, then once more with nothing kept, and compares.
 * @throws HiveError "failed" when the first build fails; as a build does
 */
export async function rebuildProject(
  app: App,
  flags: RebuildFlags,
  { jobs, mode }: { readonly jobs: number; readonly mode: DisplayMode },
): Promise<RebuiltTarget[]> {
  const project = await openProject(app, flags);
  if (mayStartManaged(app, flags.buildkit, project)) await checkSelection(app, project, flags);
  await using buildkit = await openBuildkit(app, flags.buildkit, project);
  // One is enough to tell whether an image comes out the same.
  const nodes = [{ buildkit, platforms: [] }];
  const native = nativePlatform(nodes);
  const plan = await planSelection(app, project, flags, native);
  using layout = await openLayout(join(plan.root, ".hive"));
  const built = new Map<string, Digest>();
  const credentials = homeCredentials(app.env, { signal: app.signal });
  const { handover } = flags;
  const common = {
    plan,
    jobs,
    resolveBase: quickBases(app),
    credentials: passwordLookup(credentials),
    tokens: registryTokens(app, credentials),
    env: app.env,
    signal: app.signal,
  };
  {
    using run = openRun(app, mode, { plan, nodes });
    const emit = (event: BuildEvent): void => {
      if (event.type === "target.done") built.set(event.target, event.digest);
      run.emit(event);
    };
    let ok = false;
    try {
      const options = {
        nodes,
        openResults: storeResults({ layout, handover }),
        onFailure: "stop",
        noCache: false,
        exportCache: false,
        reuse: true,
        native,
      } as const;
      ok = await build({ ...common, ...options, emit });
    } finally {
      run.end(ok);
    }
    if (!ok) throw new HiveError("failed", "Cannot compare: the first build failed");
  }
  // Beside the images, so that it is swept when this run is killed.
  using scratch = createScratch(join(layout.directory, "tmp"));
  using temporary = await openLayout(join(scratch.path, "rebuilt"), { durable: false });
  // Nothing waits for anything else: the parents are there.
  const targets = plan.targets
    .filter(({ requested }) => requested)
    .map((target) => ({ ...target, dependencies: [] }));
  using run = openRun(app, mode, { plan: { ...plan, targets }, nodes });
  let ok = false;
  try {
    const places = { buildkit, handover, layout, temporary };
    const rebuilt = await rebuild({ ...common, ...places, built, emit: run.emit });
    ok = rebuilt.every(({ second }) => second !== undefined);
    return rebuilt;
  } finally {
    run.end(ok);
  }
}
