/** The BuildKit that hive runs where hive.yml names none. */
export const defaultVersion = "v0.32.2";

/**
 * The oldest that hive runs. Steps of a build break out of those before it, to root of the machine where that runs the daemon
 * (CVE-2024-21626, CVE-2024-23652, CVE-2024-23653), and the version may be the choice of a project that came from anywhere.
 */
export const oldestVersion = "v0.12.5";

/** Whether it is a release before {@link oldestVersion}. */
export function isTooOld(version: string): boolean {
  const [first, second] = [version, oldestVersion].map((text) =>
    (/^v(\d+)\.(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map(Number),
  );
  for (const [index, wanted] of (second ?? []).entries()) {
    const part = first?.[index] ?? 0;
    if (part !== wanted) return part < wanted;
  }
  // A pre-release comes before its release.
  return version !== oldestVersion && version.startsWith(`${oldestVersion}-`);
}

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
