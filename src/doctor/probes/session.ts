import type { Probe } from "../probe.ts";
import { testBuild } from "./test-build.ts";

/** Whether a build goes through: files reach the daemon over a session, and it says that it is done. */
export const sessionProbe: Probe = {
  name: "session",
  limit: 30_000,
  needs: "buildkit",
  async run(buildkit, _, signal) {
    await testBuild(buildkit, {}, signal);
    return [{ status: "ok", detail: "a build of one small file went through" }];
  },
};
