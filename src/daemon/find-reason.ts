/** What one half of rootlesskit says when the other, or the daemon, is gone: that one knows why. */
const echo =
  /^\[rootlesskit:\w+\s*\] error: (?:child exited: .*|command .+ exited: .*|(?:.*\b)?(?:EOF|broken pipe))$/;

/**
 * Why a daemon gave up, in its own words or those of what starts it: the last line of its log that says so. The halves of
 * rootlesskit end at the same time, so either may have the last word.
 */
export function findReason(log: readonly string[]): string | undefined {
  return reasonsIn(log.filter((line) => !echo.test(line))).at(-1) ?? reasonsIn(log).at(-1);
}

function reasonsIn(log: readonly string[]): string[] {
  return log.flatMap(
    (line) =>
      /^(?:buildkitd|unshare|\[rootlesskit:\w+\s*\] error): (.+)$/.exec(line)?.[1] ??
      /level=(?:fatal|error) msg="(.+?)"/.exec(line)?.[1] ??
      [],
  );
}
