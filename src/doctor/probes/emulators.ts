import { missingEmulator } from "../../build/nodes/missing-emulator.ts";
import { runnablePlatforms } from "../../buildkit/runnable-platforms.ts";
import { formatPlatform } from "../../oci/platform.ts";
import type { Probe } from "../probe.ts";

/** Whether the daemon can run the programs of all platforms that the project builds for. */
export const emulatorsProbe: Probe = {
  name: "emulators",
  limit: 10_000,
  needs: "buildkit",
  async run(buildkit, world) {
    const state = await world.project;
    if (state.kind !== "read") return [{ status: "skipped", detail: "no project to build" }];
    const runnable = runnablePlatforms(buildkit);
    const stuck = new Map<string, string>();
    for (const target of state.plan.targets) {
      const missing = missingEmulator(target, runnable);
      const where = `${target.dockerfile.file}:${missing?.line}`;
      const platform = formatPlatform(target.platform);
      if (missing !== undefined && !stuck.has(platform)) stuck.set(platform, where);
    }
    if (stuck.size === 0)
      return [{ status: "ok", detail: "every platform of the project can run" }];
    return [...stuck].map(([platform, where]) => ({
      status: "warn",
      detail: `the daemon can't run ${platform} programs, as the step at ${where} may be`,
      fix: "Install an emulator on its machine (Debian's qemu-user-static with binfmt-support) and start BuildKit again.",
    }));
  },
};
