import { createMemoryTree } from "../../buildkit/memory-tree.ts";
import { runnablePlatforms } from "../../buildkit/runnable-platforms.ts";
import { solve } from "../../buildkit/solve.ts";
import type { Probe } from "../probe.ts";

const dockerfile = "FROM scratch\nCOPY hive-doctor /hive-doctor\n";

/**
 * Whether a build goes through: a file that the daemon has never seen reaches it over a session, out of memory, and it says
 * that it is done.
 */
export const sessionProbe: Probe = {
  name: "session",
  limit: 30_000,
  needs: "buildkit",
  async run(buildkit, _, signal) {
    const encoder = new TextEncoder();
    const bytes = encoder.encode(`${crypto.randomUUID()}\n`);
    const now = BigInt(Date.now()) * 1_000_000n;
    await solve(
      buildkit,
      {
        dockerfile: { name: "Dockerfile", bytes: encoder.encode(dockerfile) },
        context: createMemoryTree([{ path: "hive-doctor", bytes }], now),
        sharedKey: "hive doctor",
        platform: runnablePlatforms(buildkit)[0] ?? { os: "linux", architecture: "amd64" },
      },
      { signal },
    );
    return [{ status: "ok", detail: "a build of one small file went through" }];
  },
};
