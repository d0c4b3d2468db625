import type { Diagnostic, Place } from "../base/diagnostic.ts";
import type { Platform } from "../oci/platform.ts";

/** What will be built, in an order in which every target comes after what it needs. Plain data: JSON and back. */
export type Plan = {
  /** Absolute path of the directory that holds hive.yml. */
  readonly root: string;
  readonly targets: readonly Target[];
  /** What is odd but stops nothing, as a build argument that no Dockerfile declares. */
  readonly warnings: readonly Diagnostic[];
};

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
  readonly variant?: string;
  /** Whether the selection names it; the others are there because a requested one needs them. */
  readonly requested: boolean;
  readonly dockerfile: TargetDockerfile;
  readonly context: ContextSources;
  /** As passed to the build: names are those the Dockerfile declares. */
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Images from elsewhere that its Dockerfile names, each once: what is in them is the registry's word. */
  readonly externals: readonly string[];
  /** What this one needs: a target once for each way it is referred to. */
  readonly dependencies: readonly Dependency[];
};

export type TargetDockerfile = {
  /** Relative to the root, for messages. */
  readonly file: string;
  /** The user's text: what errors quote. */
  readonly text: string;
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
};

export type Dependency = {
  readonly target: TargetId;
  /** `name:tag` as it stands behind `__hive__/`, a digest included. Absent for `depends_on`. */
  readonly reference?: string;
  /** The line that makes the edge. */
  readonly place: Place;
};
