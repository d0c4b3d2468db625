/** What an image runs on: `linux/amd64`, `linux/arm/v7`. */
export type Platform = {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
};

// The spellings that containerd's platform parser accepts for one architecture.
const architectureAliases: Readonly<Record<string, Platform["architecture"]>> = {
  aarch64: "arm64",
  x86_64: "amd64",
  "x86-64": "amd64",
  i386: "386",
  armhf: "arm",
  armel: "arm",
};

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
  const architecture = architectureAliases[written] ?? written;
  const variant = third ?? (written === "armel" ? "v6" : undefined);
  // "v8" is what arm64 is anyway, "v7" what arm is: one spelling makes one target.
  const implied = architecture === "arm64" ? "v8" : architecture === "arm" ? "v7" : undefined;
  if (variant === undefined || variant === implied) return { os, architecture };
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

export function samePlatform(a: Platform, b: Platform): boolean {
  return formatPlatform(a) === formatPlatform(b);
}
