import type { Place } from "../base/diagnostic.ts";
import type { SourceText } from "../base/source-text.ts";
import type { Platform } from "../oci/platform.ts";

/** What is written in a project, checked: every name and tag is valid, every default filled in. */
export type Project = {
  /** Absolute path of the directory that holds hive.yml. */
  readonly root: string;
  /** The project file's name, relative to the root. */
  readonly file: string;
  /** Default platforms; empty when hive.yml names none. */
  readonly platforms: readonly Platform[];
  readonly buildkit: { readonly address?: string };
  readonly registry: { readonly address?: string; readonly dockerMediaTypes?: boolean };
  /** `labels.custom` of hive.yml. */
  readonly labels: Settings;
  /** Sorted by identifier. */
  readonly images: readonly ImageDefinition[];
  /** The files that places point into, by their shown name. */
  readonly sources: ReadonlyMap<string, SourceText>;
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
  readonly platforms: readonly Platform[];
  readonly dependsOn: readonly { readonly name: string; readonly place: Place }[];
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly latestAlias?: {
    readonly tag: string;
    readonly onMissing: "error" | "warning" | "silent";
  };
};

export type Tag = {
  readonly name: string;
  readonly place: Place;
  readonly values: Values;
  readonly platforms: readonly Platform[];
};

export type Variant = {
  readonly name: string;
  /** May be empty only as long as no two units get the same final tag. */
  readonly tagSuffix: string;
  readonly place: Place;
  readonly files: BuildFiles;
  readonly values: Values;
  readonly platforms: readonly Platform[];
};

/** What an image or a variant has in its directory. */
export type BuildFiles = {
  /** Absolute. */
  readonly directory: string;
  readonly dockerfile: SourceText;
  /** Absolute; absent when there is no `rootfs/`. */
  readonly rootfs?: string;
};

export type Values = {
  readonly versions: Settings;
  readonly buildArgs: Settings;
  readonly labels: Settings;
};

export type Settings = ReadonlyMap<string, Setting>;

/** A value as written, with the place of its key. */
export type Setting = { readonly value: string; readonly place: Place };

export type Secret = {
  readonly source: "env" | "plain" | "file" | "vault";
  readonly value: string;
  readonly place: Place;
};
