import { HiveError } from "../base/hive-error.ts";
import type { BuildkitState, ProjectState, World } from "../doctor/probe.ts";
import { createPlan } from "../plan/create-plan.ts";
import { findProject } from "../project/find-project.ts";
import { loadProject } from "../project/load-project.ts";
import type { App } from "./app.ts";
import { configuredAddress, connectFound, findBuildkit } from "./buildkit/find-buildkit.ts";
import { findManaged } from "./buildkit/managed-buildkit.ts";
import { findAuthority } from "./find-authority.ts";
import { loadOptions, type ProjectFlags } from "./project/open-project.ts";
import { hostPlatform } from "./project/plan-project.ts";
import { authorityFor } from "./registry/authority-for.ts";
import { storageDirectory } from "./registry/storage-directory.ts";
import { version } from "./version.ts";

type DoctorFlags = ProjectFlags & { readonly buildkit?: string | undefined };

/** What the doctor's probes look at. Dispose it to close the connection to BuildKit. */
export function openDoctor(app: App, flags: DoctorFlags): { world: World } & AsyncDisposable {
  const project = readProject(app, flags);
  const buildkit = connect(app, flags, project);
  return {
    world: {
      env: app.env,
      version,
      storage: storageOf(app),
      findAuthority: async (host) => await findAuthority(app.env, host),
      findOwn: findManaged,
      project,
      buildkit,
      authorityOf: async (address) => await authorityFor(app, {}, address),
    },
    async [Symbol.asyncDispose]() {
      const state = await buildkit;
      if (state.kind === "found") await state.buildkit[Symbol.asyncDispose]();
    },
  };
}

async function readProject(app: App, flags: DoctorFlags): Promise<ProjectState> {
  let root: string;
  try {
    root = await findProject(app.cwd, flags.project);
  } catch (error) {
    if (flags.project === undefined) return { kind: "absent" };
    return { kind: "broken", root: flags.project, error: toHiveError(error) };
  }
  try {
    const { project, warnings } = await loadProject(root, loadOptions(app, flags));
    const plan = createPlan(project, { nativePlatform: hostPlatform() });
    return { kind: "read", project, plan, warnings: warnings.length + plan.warnings.length };
  } catch (error) {
    return { kind: "broken", root, error: toHiveError(error) };
  }
}

/** A project that can't be read names no daemon. */
async function connect(
  app: App,
  { buildkit: flag }: DoctorFlags,
  reading: Promise<ProjectState>,
): Promise<BuildkitState> {
  try {
    const state = await reading;
    const configured = state.kind === "read" ? configuredAddress(state.project) : undefined;
    const found = await findBuildkit({ flag, env: app.env, configured }, app.signal);
    return { kind: "found", buildkit: await connectFound(app, found), source: found.source };
  } catch (error) {
    return { kind: "missing", error: toHiveError(error) };
  }
}

function storageOf(app: App): string | undefined {
  try {
    return storageDirectory(app, undefined);
  } catch {
    return undefined;
  }
}

/** A bug of ours is a finding like any other. */
function toHiveError(error: unknown): HiveError {
  if (error instanceof HiveError) return error;
  return new HiveError("internal", `Internal error: ${String(error)}`, { cause: error });
}
