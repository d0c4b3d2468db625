// What platformSlug() makes of platforms that images are made for.
const slug =
  "(?:linux|windows|freebsd|darwin|wasip1|wasi)-(?:amd64|arm64|arm|386|ppc64le|ppc64|s390x|riscv64|loong64|mips64le|mips64|mipsle|mips|wasm)(?:-v\\d+)?";
const byPlatform = new RegExp(String.raw`^(.+)\.${slug}(-build\.[\w.-]+)?$`);
// What the strategy `arch` makes of them.
const byMachine =
  /^(.+)-(?:windows-)?(?:x86_64|aarch64|i686|armv7l|armv6l|ppc64le|s390x|riscv64)(-build\.[\w.-]+)?$/;

/**
 * The tag of the whole image that a tag of one platform belongs to: `1.0-build.42` of `1.0.linux-arm64-build.42`. Undefined for
 * a tag that is of no platform. Tags by machine, `1.0-x86_64`, count only where the whole is there, for people write such tags, too.
 */
export function baseTag(tag: string, isThere: (tag: string) => boolean): string | undefined {
  const [, whole, build = ""] = byPlatform.exec(tag) ?? [];
  if (whole !== undefined) return `${whole}${build}`;
  const [, named, ofBuild = ""] = byMachine.exec(tag) ?? [];
  return named !== undefined && isThere(`${named}${ofBuild}`) ? `${named}${ofBuild}` : undefined;
}
