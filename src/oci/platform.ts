/** What an image runs on: `linux/amd64`, `linux/arm/v7`. */
export type Platform = {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
};

// The spellings that containerd's platform parser accepts for one architecture.
const architectureAliases: ReadonlyMap<string, Platform["architecture"]> = new Map([
  ["aarch64", "arm64"],
  ["x86_64", "amd64"],
  ["x86-64", "amd64"],
  ["i386", "386"],
  ["armhf", "arm"],
  ["armel", "arm"],
]);

const part = /^[a-z0-9][a-z0-9_.-]*$/;

/**
 * Reads `os/architecture[/variant]`; an architecture alone means linux.
 * @throws SyntaxError
 */
export function parsePlatform(text: string): Platform {
  const parts = text.trim().toLowerCase().split("/");
  if (parts.length > 3 || !parts.every((piece) => part.test(piece))) {
    throw new SyntaxError(
      `Cannot parse platform "${text}": expected os/architecture, as linux/amd64`,
    );
  }
  const [first = "", second, third] = parts;
  const os = second === undefined ? "linux" : first;
  const written = second ?? first;
  const architecture = architectureAliases.get(written) ?? written;
  const variant = third ?? (written === "armel" ? "v6" : undefined);
  // One platform, one spelling, the one that containerd formats: "v8" is what arm64 is anyway, an arm without variant is v7.
  if (architecture === "arm") return { os, architecture, variant: variant ?? "v7" };
  if (variant === undefined || (architecture === "arm64" && variant === "v8"))
    return { os, architecture };
  return { os, architecture, variant };
}

/** `linux/arm64`, as BuildKit and Docker write it. */
export function formatPlatform(platform: Platform): string {
  const base = `${platform.os}/${platform.architecture}`;
  return platform.variant === undefined ? base : `${base}/${platform.variant}`;
}

/** `linux-arm64`, for tags and file names. */
export function platformSlug(platform: Platform): string {
  return formatPlatform(platform).replaceAll("/", "-");
}

/** Whether two platforms are written the same; `parsePlatform()` gives each one spelling. */
export function samePlatform(a: Platform, b: Platform): boolean {
  return formatPlatform(a) === formatPlatform(b);
}
