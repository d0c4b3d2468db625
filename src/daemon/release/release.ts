/** The BuildKit that hive runs where hive.yml names none. */
export const defaultVersion = "v0.32.2";

/**
 * SHA-256 of releases that are known here, by version and architecture. Of others the checksum is asked for, from
 * whoever serves them.
 */
const knownChecksums: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "v0.32.2": {
    amd64: "2975d0f651ad96ba8b80b9992ae1f9a964f4408569af5b6dc36544165c3926af",
    arm64: "9e8f46bf309ec0ab262967be5538a4dbe06be756a82621f98253933bac5dcf92",
  },
};

/** An archive of BuildKit's programs for Linux, as its project publishes them. */
export type Release = {
  readonly version: string;
  readonly arch: string;
  /** `buildkit-v0.32.2.linux-amd64.tar.gz`. */
  readonly asset: string;
  /** Of the archive, 64 hex digits; undefined when hive doesn't know it. */
  readonly checksum: string | undefined;
};

/** The release for this machine; undefined where there is none. */
export function releaseFor(
  version: string,
  { platform, arch }: Pick<NodeJS.Process, "platform" | "arch"> = process,
): Release | undefined {
  const goArch = { x64: "amd64", arm64: "arm64" }[arch as string];
  if (platform !== "linux" || goArch === undefined) return undefined;
  return {
    version,
    arch: goArch,
    asset: `buildkit-${version}.linux-${goArch}.tar.gz`,
    checksum: knownChecksums[version]?.[goArch],
  };
}
