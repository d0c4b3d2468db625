import { HiveError } from "../../base/hive-error.ts";
import type { BuildNode } from "../../build/nodes/build-node.ts";
import { mayBuild, nodesFor } from "../../build/nodes/choose-nodes.ts";
import { missingEmulator } from "../../build/nodes/missing-emulator.ts";
import type { Buildkit } from "../../buildkit/connect-buildkit.ts";
import { type Endpoint, parseEndpoint } from "../../buildkit/endpoints/endpoint.ts";
import { managedAddress, toldAddress } from "../../buildkit/endpoints/find-endpoint.ts";
import { runnablePlatforms } from "../../buildkit/runnable-platforms.ts";
import { formatPlatform, type Platform } from "../../oci/platform.ts";
import type { Plan, Target } from "../../plan/plan.ts";
import type { NodeSettings, Project } from "../../project/project.ts";
import type { App } from "../app.ts";
import { connectPatiently } from "./find-buildkit.ts";
import { openManagedBuildkit } from "./managed-buildkit.ts";
import { nativePlatform } from "./node-platforms.ts";
import { openBuildkit, tellOfProject } from "./open-buildkit.ts";

/** The BuildKits of a run. Dispose them to close their connections. */
export type OpenNodes = AsyncDisposable & {
  /** Those that answered, at least one, in the order of hive.yml. */
  readonly nodes: readonly BuildNode[];
  /** What is built where the project lists no platform. */
  readonly native: Platform;
  /**
   * Makes sure that what is planned can be built without those that did not answer, of which it warns.
   * @throws HiveError "unreachable" that names them, "usage" when no node may build for a platform
   */
  readonly check: (plan: Plan) => void;
};

type Absent = { readonly settings: NodeSettings; readonly error: HiveError };

/**
 * Connects to what is built on: the one BuildKit that the user names, else all nodes of hive.yml at once, else as {@link openBuildkit}.
 * @throws HiveError "usage" for an address that can't be read, "unreachable" when none answers
 */
export async function openNodes(
  app: App,
  flag: string | undefined,
  project: Project,
): Promise<OpenNodes> {
  const { nodes: settings } = project.buildkit;
  if (settings.length === 0 || toldAddress({ flag, env: app.env }) !== undefined) {
    const buildkit = await openBuildkit(app, flag, project);
    const nodes = [{ buildkit, platforms: [] }];
    return {
      nodes,
      native: nativePlatform(nodes),
      check() {},
      [Symbol.asyncDispose]: async () => await buildkit[Symbol.asyncDispose](),
    };
  }
  // Undefined: the one that hive runs itself.
  const wanted = settings.map((node) =>
    node.address === managedAddress ? undefined : parseNodeAddress(node),
  );
  const elsewhere = wanted.filter((endpoint) => endpoint !== undefined);
  if (elsewhere.length > 0) tellOfProject(app, elsewhere);
  await using stack = new AsyncDisposableStack();
  const nodes: BuildNode[] = [];
  const absent: Absent[] = [];
  const answers = await Promise.allSettled(
    wanted.map(async (endpoint) =>
      endpoint === undefined
        ? await openManagedBuildkit(app, project)
        : await connectPatiently(app, endpoint),
    ),
  );
  const failures: unknown[] = [];
  for (const [index, answer] of answers.entries()) {
    const node = settings[index];
    if (node === undefined) continue;
    if (answer.status === "fulfilled") {
      stack.use(answer.value);
      nodes.push(buildNode(answer.value, node));
    } else if (isUnreachable(answer.reason)) absent.push({ settings: node, error: answer.reason });
    else failures.push(answer.reason);
  }
  app.signal.throwIfAborted();
  if (failures.length > 0) throw failures[0];
  if (nodes.length === 0) throw notThere("Cannot reach any BuildKit of hive.yml", absent);
  const owned = stack.move();
  // A machine that is down must not change what is built, if hive.yml says what that is.
  const native = settings[0]?.platforms[0] ?? nativePlatform(nodes);
  return {
    nodes,
    native,
    check(plan) {
      checkNodes(plan, nodes, absent);
      const isGuess = plan.targets.some(({ listedPlatforms }) => listedPlatforms.length === 0);
      for (const gone of absent) {
        const isMissed =
          isGuess && gone.settings === settings[0] && gone.settings.platforms.length === 0;
        const instead = isMissed
          ? `, for ${formatPlatform(native)} where the project lists no platform`
          : "";
        app.log.warn(`${describe(gone)}; the other nodes build without it${instead}`);
      }
    },
    [Symbol.asyncDispose]: async () => await owned.disposeAsync(),
  };
}

/** @throws HiveError "usage" that says where in hive.yml the address stands */
function parseNodeAddress({ address, place }: NodeSettings): Endpoint {
  try {
    return parseEndpoint(address);
  } catch (error) {
    if (!(error instanceof HiveError)) throw error;
    const message = `${error.message} (${place.file}:${place.line})`;
    throw new HiveError(error.kind, message, { hint: error.hint, cause: error });
  }
}

function buildNode(buildkit: Buildkit, { platforms, maxParallel }: NodeSettings): BuildNode {
  return { buildkit, platforms, ...(maxParallel === undefined ? {} : { maxParallel }) };
}

function checkNodes(
  { targets }: Plan,
  nodes: readonly BuildNode[],
  absent: readonly Absent[],
): void {
  const open = targets.filter((target) => !canBuild(nodes, target));
  const missing = absent.filter(({ settings }) =>
    open.some(({ platform }) => mayBuild(settings, platform)),
  );
  if (missing.length > 0) {
    const platforms = new Set(open.map(({ platform }) => formatPlatform(platform)));
    throw notThere(`Cannot build for ${[...platforms].join(", ")}`, missing);
  }
  const nowhere = open.find(({ platform }) => !nodes.some((node) => mayBuild(node, platform)));
  if (nowhere === undefined) return;
  throw new HiveError(
    "usage",
    `Cannot build for ${formatPlatform(nowhere.platform)}: no node in hive.yml is for it`,
    { hint: "Add it to platforms of a node in hive.yml, or build for others: --platform." },
  );
}

/** Whether what is there will do; one that says that it can't run the target's programs may be the wrong one. */
function canBuild(nodes: readonly BuildNode[], target: Target): boolean {
  const [best = []] = nodesFor(nodes, target);
  return best.some(
    (node) =>
      node.platforms.length > 0 ||
      missingEmulator(target, runnablePlatforms(node.buildkit)) === undefined,
  );
}

function notThere(what: string, absent: readonly Absent[]): HiveError {
  const hints = new Set(absent.flatMap(({ error }) => error.hint ?? []));
  return new HiveError(
    "unreachable",
    `${what}:\n${absent.map((gone) => `  ${describe(gone)}`).join("\n")}`,
    { hint: [...hints].join("\n"), cause: absent[0]?.error },
  );
}

/** Its message has the address. */
function describe({ settings: { place }, error }: Absent): string {
  return `${error.message} (${place.file}:${place.line})`;
}

function isUnreachable(error: unknown): error is HiveError {
  return error instanceof HiveError && error.kind === "unreachable";
}
