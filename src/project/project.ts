import type { Place } from "../base/diagnostic.ts";
import type { Hidden } from "../base/hidden.ts";
import type { SourceText } from "../base/source-text.ts";
import type { Digest } from "../oci/digest.ts";
import type { Platform } from "../oci/platform.ts";

/** What is written in a project, checked: every name and tag is valid, every default filled in. */
export type Project = {
  /** Absolute path of the directory that holds hive.yml. */
  readonly root: string;
  /** The project file's name, relative to the root. */
  readonly file: string;
  /** Default platforms; empty when hive.yml names none. */
  readonly platforms: readonly Platform[];
  readonly buildkit: BuildkitSettings;
  readonly registry: RegistrySettings;
  /** Where build caches are kept; absent: only at the daemon. */
  readonly cache?: CacheSettings;
  /** `labels.custom` of hive.yml. */
  readonly labels: Settings;
  /** The rest of `labels`: `%image%` and `%tag%` in them are replaced for each image. Only those that are written and not empty. */
  readonly standardLabels: ReadonlyMap<StandardLabel, Setting>;
  /** By their names in hive.yml. */
  readonly registries: ReadonlyMap<string, NamedRegistry>;
  /** `template_options` of hive.yml. */
  readonly templateOptions: Settings;
  /** Whether templates may read the environment and make random values: not the project's word, but its user's. */
  readonly impureTemplates: boolean;
  readonly lint: LintSettings;
  /** Sorted by identifier. */
  readonly images: readonly ImageDefinition[];
  /** What hive.lock pins external images to, by their references; absent when there is no hive.lock. */
  readonly pins?: ReadonlyMap<string, Digest>;
  /** The files that places point into, by their shown name. */
  readonly sources: ReadonlyMap<string, SourceText>;
};

/** `registry` of hive.yml. */
type RegistrySettings = {
  readonly address?: string;
  readonly dockerMediaTypes?: boolean;
  /** Names of tag strategies, as written: who uses them checks them. */
  readonly tagStrategy?: string;
};

export type BuildkitSettings = {
  readonly address?: string;
  /** The release that `hive dev buildkitd` runs: `v0.32.2`. */
  readonly version?: string;
  /** Empty when one daemon does it all. */
  readonly nodes: readonly NodeSettings[];
};

export type NodeSettings = {
  readonly address: string;
  /** Of the address in hive.yml. */
  readonly place: Place;
  /** Empty: what the daemon says itself. */
  readonly platforms: readonly Platform[];
  readonly maxParallel?: number;
};

/** The keys of `labels` in hive.yml but `custom`: each stands for the label of the image specification of this name. */
export type StandardLabel = "vendor" | "authors" | "url" | "documentation";

/** Values with `${VAR}` replaced. */
export type CacheSettings = { readonly place: Place } & (
  | {
      readonly type: "s3";
      readonly bucket: string;
      readonly region: string;
      readonly endpoint?: string;
      readonly accessKeyId?: Hidden;
      readonly secretAccessKey?: Hidden;
      readonly usePathStyle?: boolean;
    }
  | { readonly type: "registry"; readonly ref: string; readonly insecure?: boolean }
  /** Absolute path. */
  | { readonly type: "local"; readonly path: string }
  | { readonly type: "gha" }
  | { readonly type: "inline" }
);

/** A registry of `registries` in hive.yml; `${VAR}` is replaced in all of it. Retention and promotion are read by no command yet. */
export type NamedRegistry = {
  readonly address: string;
  readonly place: Place;
  readonly role?: "sandbox" | "ci" | "prod" | "archive";
  readonly retention?: {
    readonly keepLast?: number;
    /** Milliseconds. */
    readonly maxAge?: number;
  };
  readonly promoteFrom: readonly string[];
  readonly require: readonly string[];
  readonly mirror: readonly string[];
};

/** `lint` of hive.yml: checked, but no command lints yet. */
export type LintSettings = {
  readonly ignored: readonly string[];
  readonly trustedRegistries: readonly string[];
  readonly labelSchema: Settings;
  readonly strictLabels: boolean;
  readonly failureThreshold?: string;
};

/** One image.yml. Several definitions may share a `name`; their tags are pooled. */
export type ImageDefinition = {
  /** Path below `images/`: `dotnet/8`. */
  readonly identifier: string;
  /** Repository name: `dotnet`. */
  readonly name: string;
  /** image.yml, relative to the root. */
  readonly file: string;
  /** The beginning of image.yml, for findings about the definition as a whole. */
  readonly place: Place;
  readonly description: string;
  readonly files: BuildFiles;
  /** Relative to the image's directory: what is not part of a build context. */
  readonly exclude: readonly string[];
  readonly tags: readonly Tag[];
  readonly variants: readonly Variant[];
  readonly values: Values;
  readonly build: BuildSettings;
  readonly icon?: string;
  readonly platforms: readonly Platform[];
  readonly dependsOn: readonly { readonly name: string; readonly place: Place }[];
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly latestAlias?: {
    readonly tag: string;
    readonly place: Place;
    readonly onMissing: "error" | "warning" | "silent";
  };
};

/** One of `tags` in image.yml. */
export type Tag = {
  readonly name: string;
  readonly place: Place;
  readonly values: Values;
  readonly build: BuildSettings;
  readonly platforms: readonly Platform[];
};

/** One of `variants` in image.yml: every tag once more, with a suffix, from a Dockerfile of its own. */
export type Variant = {
  readonly name: string;
  /** May be empty only as long as no two units get the same final tag. */
  readonly tagSuffix: string;
  readonly place: Place;
  readonly files: BuildFiles;
  readonly values: Values;
  readonly build: BuildSettings;
  readonly icon?: string;
  readonly platforms: readonly Platform[];
};

/**
 * How BuildKit is to build, besides arguments; of an image, a tag or a variant, the most specific one wins key by key.
 * Absent: not said there.
 */
export type BuildSettings = {
  /** The stage to build; default: the last one. */
  readonly target?: Setting;
  /**
   * More named contexts: what a `FROM name` or `--from=name` means. `docker-image://REF`, a URL, `__hive__/name:tag`,
   * or a directory, relative to the image's own, inside the project.
   */
  readonly contexts: Settings;
  /** Agents for `RUN --mount=type=ssh`: `default`, or `id=/path/of/socket`. */
  readonly ssh?: readonly Setting[];
  /** Runs every step again, or those of the stages named. */
  readonly noCache?: boolean | readonly Setting[];
  /** Asks the registry for base images even when the daemon has them. */
  readonly pull?: boolean;
  /** `host` brings the entitlement `network.host` with it. */
  readonly network?: "default" | "none" | "host";
  /** `network.host`, `security.insecure`, `device`, `device=NAME`. */
  readonly entitlements?: readonly Setting[];
};

/** What an image or a variant has in its directory. */
export type BuildFiles = {
  /** Absolute. */
  readonly directory: string;
  readonly dockerfile: ProjectFile;
  /** README.md.gotpl; a plain README.md is a file like any other. */
  readonly readme?: ProjectFile;
  /** test.yml, or its template: structure tests. */
  readonly test?: ProjectFile;
  /** Absolute; absent when there is no `rootfs/`. */
  readonly rootfs?: string;
};

/** A file whose text hive itself reads. */
export type ProjectFile = {
  readonly source: SourceText;
  /** Absolute. */
  readonly path: string;
  /** Whether it is a Go template: its name ends with `.gotpl`. */
  readonly isTemplate: boolean;
};

/** What an image, a tag and a variant all may have, by the names in image.yml. */
export type Values = {
  readonly versions: Settings;
  readonly buildArgs: Settings;
  readonly labels: Settings;
};

/** By the user's names. */
export type Settings = ReadonlyMap<string, Setting>;

/** A value as written, with the place of its key. */
export type Setting = { readonly value: string; readonly place: Place };

/** Where the value of a secret comes from; resolved only when a build asks for it. */
export type Secret = {
  readonly source: "env" | "plain" | "file" | "vault";
  /** The variable's name, the secret itself, a path that is absolute or below `~/`, or `vault://path#field`. */
  readonly value: Hidden;
  readonly place: Place;
};
