/** `base:1.0-build.mr-42`: what the builds of one pipeline call `base:1.0`. Without an id, the name itself. */
export function withBuildId(name: string, buildId: string | undefined): string {
  return buildId === undefined ? name : `${name}-build.${buildId}`;
}
