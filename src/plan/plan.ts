import type { Diagnostic, Place } from "../base/diagnostic.ts";
import type { Digest } from "../oci/digest.ts";
import type { Platform } from "../oci/platform.ts";
import type { CacheSettings, Secret } from "../project/project.ts";

/** What will be built, in an order in which every target comes after what it needs. Plain data: JSON and back. */
export type Plan = {
  /** Absolute path of the directory that holds hive.yml. */
  readonly root: string;
  readonly targets: readonly Target[];
  /** Where caches are imported from and exported to. */
  readonly cache?: CacheSettings;
  /** More names for what is built: `base:1` for `base:1.0.2`. Never one that the project declares. */
  readonly aliases: readonly Alias[];
  /** What is odd but stops nothing, as a build argument that no Dockerfile declares. */
  readonly warnings: readonly Diagnostic[];
};

/** `reference` is one of the project's, whatever was selected. */
export type Alias = { readonly alias: string; readonly reference: string };

/** `base:1.0 linux/amd64`: unique in a plan. */
export type TargetId = string & { readonly __target: unique symbol };

/** One image for one platform: the node of the graph. */
export type Target = {
  readonly id: TargetId;
  /** Repository name: `base`, `team/app`. */
  readonly name: string;
  /** The tag with the variant's suffix. */
  readonly tag: string;
  /** `name:tag`. */
  readonly reference: string;
  readonly platform: Platform;
  /** All that the project lists for its reference, whatever was selected; empty where it lists none. */
  readonly listedPlatforms: readonly Platform[];
  readonly variant?: string;
  /** Whether the selection names it; the others are there because a requested one needs them. */
  readonly requested: boolean;
  readonly dockerfile: TargetDockerfile;
  readonly context: ContextSources;
  /** As passed to the build: names are those the Dockerfile declares. */
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly secrets: readonly TargetSecret[];
  readonly settings: TargetSettings;
  /** Seconds since 1970: what the image's times are set to. Absent: BuildKit's clock. */
  readonly epoch?: number;
  readonly cacheScopes: CacheScopes;
  /** Images from elsewhere that its Dockerfile names, each once: what is in them is the registry's word. */
  readonly externals: readonly External[];
  /** What this one needs: a target once for each way it is referred to. */
  readonly dependencies: readonly Dependency[];
};

/** The Dockerfile of a target, as it is built. */
export type TargetDockerfile = {
  /** Relative to the root, for messages. */
  readonly file: string;
  /** What is built: the user's text, or what their template gave. */
  readonly text: string;
  /** Present when it was rendered: line n of `text` comes from line `lines[n - 1]` of the file. */
  readonly lines?: readonly number[];
};

/** What `RUN --mount=type=secret,id=...` gets; resolved only when a build asks for it. */
export type TargetSecret = Secret & { readonly id: string };

/** How BuildKit is to build it, besides arguments. */
export type TargetSettings = {
  /** The stage to build; the last one when absent. */
  readonly stage?: string;
  /**
   * Named contexts other than those that pin references: name -> `docker-image://...`, URL, `local:` and an absolute path,
   * or `__hive__/name:tag`: the image of the dependency with this reference.
   */
  readonly contexts: Readonly<Record<string, string>>;
  /** Id -> socket: `default`, or a path. */
  readonly ssh: Readonly<Record<string, string>>;
  /** Every step, or those of the stages named. */
  readonly noCache: boolean | readonly string[];
  readonly pull: boolean;
  readonly network?: "none" | "host";
  readonly entitlements: readonly string[];
};

/** Names for its cache among those of other targets: `base.1.0.linux-amd64`. */
export type CacheScopes = {
  readonly own: string;
  /** Those in which it may find steps of its own, for the same platform: other tags of its image, nearest first, then other variants. */
  readonly siblings: readonly string[];
};

/** An image that the project does not make. */
export type External = {
  /** As the Dockerfile has it: `alpine:3.22`. */
  readonly reference: string;
  /** What hive.lock pins it to. */
  readonly digest?: Digest;
};

/** Where the files of a build context come from; all paths absolute. */
export type ContextSources = {
  /** The image's directory: its files other than those in `exclude` are in the context. */
  readonly directory: string;
  /** The user's Dockerfile, the variant's for a variant: it is `Dockerfile` in the context's root. */
  readonly dockerfile: string;
  /** Together they are `rootfs/` in the context: overlaid in this order, file by file; later wins. */
  readonly rootfs: readonly string[];
  /** Paths relative to `directory` that are not in the context as they are: hive's own files, variants, nested definitions. */
  readonly exclude: readonly string[];
  /** Files that were rendered, by their path in the context: they lie over those of `directory`. */
  readonly rendered: Readonly<Record<string, string>>;
  /** Whether git has the directory, so that the modes of its files are those of whoever checked it out. */
  readonly tracked?: boolean;
};

/** An edge of the graph. */
export type Dependency = {
  readonly target: TargetId;
  /** `name:tag` as it stands behind `__hive__/` in the Dockerfile or a context, a digest included. Absent for `depends_on`. */
  readonly reference?: string;
  /** The line that makes the edge. */
  readonly place: Place;
};
