/**
 * Whether a build that failed with this message may work when it is made once more: something between the daemon and what
 * it talks to broke off, or the daemon was killed before. What a step did is never among it, and neither is what a registry
 * said on purpose.
 * @param message the daemon's
 */
export function isTransient(message: string): boolean {
  // What a step's command line holds is the user's, and a step that failed fails again.
  if (message.includes("did not complete successfully")) return false;
  return [session, transport, registry, store].some((pattern) => pattern.test(message));
}

// The daemon found no session within 5 s, or lost the one that it had, which only a busy machine makes happen.
const session =
  /no active session for \w+: context deadline exceeded|session healthcheck failed fatally/;

// A connection inside the daemon's session; one that we know to be lost never comes here.
const transport =
  /\btransport is closing\b|\bclosing transport due to\b|\bENHANCE_YOUR_CALM\b|\btoo_many_pings\b|\berror reading from server: (?:EOF|.*connection reset by peer)/;

// Requests to registries that broke off, or that a proxy could not pass on. Not "connection refused": that stays so.
const registry =
  /\b(?:failed to do request|failed to push|failed to copy|failed to resolve source metadata)\b.*(?:connection reset by peer|broken pipe|\bEOF$|server closed idle connection|unexpected status from \w+ request to \S+: 50[234]\b)/s;

// A daemon that was killed may have left a directory that its database knows nothing of; it removes it when it comes upon it.
const store = /\bfailed to rename: rename \S+\/snapshots\/new-\d+ \S+\/snapshots\/\d+: file exists/;
