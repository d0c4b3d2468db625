import type { Environment } from "../../base/environment.ts";
import { errorMessage } from "../../base/error-message.ts";
import type { ContentStore } from "../../buildkit/content/content-service.ts";
import type { TypedAttrs } from "../../buildkit/solve-request.ts";
import type { Digest } from "../../oci/digest.ts";
import type { Target } from "../../plan/plan.ts";
import type { CacheBytes } from "../../progress/event.ts";
import type { Handover } from "../handover/handover.ts";
import { type CacheEntries, type CacheSettings, noEntries } from "./cache-entries.ts";
import type { CacheTrouble } from "./cache-trouble.ts";
import { ghaEntries } from "./gha-entries.ts";
import { type LocalCache, type LocalEntry, openLocalCache } from "./local-cache.ts";
import { isSilent } from "./probe-cache.ts";
import { registryEntries } from "./registry-entries.ts";
import { s3Entries } from "./s3-entries.ts";

/** The cache of a run. Whatever is wrong with it is told once and never fails a build. */
export type RunCache = AsyncDisposable & {
  /** What the build of a target is to use. Never rejects. @param handover how it gets images of ours */
  open(target: Target, handover: Pick<Handover, "cacheImport">): Promise<TargetCache>;
  /** Notes a fault. What fails by the network is left out for the rest of the run: to wait for it once is enough. */
  report(target: Target, trouble: CacheTrouble): void;
};

/** What one build reads and writes, and how it tells what came of that. */
export type TargetCache = CacheEntries & {
  readonly stores: ReadonlyMap<string, ContentStore>;
  /** As far as they pass through us: for a local cache. */
  readonly bytes: () => CacheBytes | undefined;
  /** A build failed of what it read from here. Never rejects. */
  distrust(): Promise<void>;
  /** Takes what the daemon said of the finished build. Never rejects. */
  finish(response: Readonly<Record<string, string>>): Promise<void>;
};

export type RunCacheOptions = {
  readonly settings: CacheSettings | undefined;
  readonly env: Environment;
  readonly imports: boolean;
  readonly exports: boolean;
  /** The image that a target had last; undefined when there is none. */
  readonly previousImage: (target: Target) => Promise<Digest | undefined>;
  readonly warn: (target: Target, message: string) => void;
};

/** The cache of a target that has none. */
export const noCache: TargetCache = {
  ...noEntries,
  stores: new Map(),
  bytes: () => undefined,
  distrust: async () => {},
  finish: async () => {},
};

const probePatience = 5_000;

/** No cache at all. */
export const noRunCache: RunCache = {
  open: async () => noCache,
  report: () => {},
  [Symbol.asyncDispose]: async () => {},
};

/** The cache that a project's settings name; none without settings. */
export function createRunCache(options: RunCacheOptions): RunCache {
  const { settings, env, previousImage, warn } = options;
  const local = settings?.type === "local" ? openLocalCache(settings.path) : undefined;
  let probing: Promise<boolean> | undefined;
  const told = new Set<string>();
  const isOn = { import: options.imports, export: options.exports };

  function tell(target: Target, key: string, message: string): void {
    if (told.has(key)) return;
    told.add(key);
    warn(target, message);
  }

  function report(target: Target, { direction, reason }: CacheTrouble): void {
    const verb = direction === "import" ? "read the" : "write to the";
    const message = `Cannot ${verb} build cache (${describe(settings)}), building without: ${reason}`;
    // What a directory has is there at once, or not; and the next one may be whole.
    if (local === undefined) {
      isOn.export = false;
      if (direction === "import") isOn.import = false;
    }
    tell(target, direction, message);
  }

  async function remoteEntries(
    target: Target,
    handover: Pick<Handover, "cacheImport">,
  ): Promise<CacheEntries> {
    switch (settings?.type) {
      case "registry":
        return registryEntries(settings, target.cacheScopes);
      case "s3":
        return s3Entries(settings, target.cacheScopes, env);
      case "gha": {
        const entries = ghaEntries(target.cacheScopes, env);
        const help = "ACTIONS_RUNTIME_TOKEN and ACTIONS_RESULTS_URL are not set";
        if (entries === undefined) tell(target, "off", `The build cache (gha) is off: ${help}`);
        return entries ?? noEntries;
      }
      case "inline": {
        const digest = await previousImage(target);
        const entry = digest && handover.cacheImport?.(target, digest);
        return {
          imports: entry === undefined ? [] : [entry],
          exports: [{ type: "inline", attrs: {} }],
        };
      }
      case "local":
      case undefined:
        return noEntries;
    }
  }

  async function openRemote(
    target: Target,
    handover: Pick<Handover, "cacheImport">,
  ): Promise<TargetCache> {
    if (settings !== undefined && (isOn.import || isOn.export)) {
      probing ??= isSilent(settings, env, probePatience);
      if (await probing) {
        const reason = `its server does not answer within ${probePatience / 1000} s`;
        report(target, { direction: "import", reason });
      }
    }
    const { imports, exports } = await remoteEntries(target, handover);
    return {
      ...noCache,
      imports: isOn.import ? imports : [],
      exports: isOn.export ? exports : [],
    };
  }

  async function openLocal(target: Target, cache: LocalCache): Promise<TargetCache> {
    const { own } = target.cacheScopes;
    const attempt = async <T>(task: () => Promise<T>): Promise<T | undefined> => {
      try {
        return isOn.export ? await task() : undefined;
      } catch (error) {
        const reason = errorMessage(error);
        report(target, { direction: "export", reason });
        return undefined;
      }
    };
    const broken = (reason: string): void => report(target, { direction: "import", reason });
    const imports = isOn.import ? await cache.imports(target.cacheScopes, broken) : [];
    const exported = await attempt(() => cache.export(own));
    const moved = { read: 0, written: 0 };
    const entries = [...imports, ...(exported === undefined ? [] : [exported])];
    return {
      imports: imports.map(({ entry }): TypedAttrs => entry),
      exports: exported === undefined ? [] : [exported.entry],
      stores: new Map(entries.map((entry) => [entry.name, counted(entry, moved)])),
      bytes: () => ({ imported: moved.read, exported: moved.written }),
      distrust: () => cache.removeDamaged(target.cacheScopes),
      finish: async (response) => {
        const manifest = response["cache.manifest"];
        if (exported === undefined || manifest === undefined) return;
        await attempt(() => cache.publish(own, manifest));
      },
    };
  }

  return {
    report,
    async open(target, handover) {
      try {
        return await (local === undefined
          ? openRemote(target, handover)
          : openLocal(target, local));
      } catch (error) {
        report(target, {
          direction: "import",
          reason: errorMessage(error),
        });
        return noCache;
      }
    },
    [Symbol.asyncDispose]: async () => local?.[Symbol.asyncDispose](),
  };
}

function counted({ store }: LocalEntry, moved: { read: number; written: number }): ContentStore {
  return {
    find: (digest) => store.find(digest),
    createWriter: (options) => store.createWriter(options),
    onMoved(direction, bytes) {
      moved[direction] += bytes;
    },
  };
}

function describe(settings: CacheSettings | undefined): string {
  switch (settings?.type) {
    case "registry":
      return settings.ref;
    case "local":
      return settings.path;
    case "s3":
      return `s3 bucket ${settings.bucket}`;
    case "gha":
    case "inline":
      return settings.type;
    case undefined:
      return "";
  }
}
