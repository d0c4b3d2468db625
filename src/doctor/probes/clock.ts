import { formatElapsed } from "../../base/format-duration.ts";
import { clockSkew } from "../../buildkit/clock-skew.ts";
import type { Probe } from "../probe.ts";

/** Milliseconds: tokens of registries are valid from now on, and times of files are compared. */
const tolerated = 5_000;

/** Whether the daemon's clock shows what ours does. */
export const clockProbe: Probe = {
  name: "clock",
  limit: 10_000,
  needs: "buildkit",
  async run(buildkit, _, signal) {
    const ahead = await clockSkew(buildkit, signal);
    if (ahead === undefined) {
      return [{ status: "skipped", detail: "this daemon does not tell its time" }];
    }
    if (Math.abs(ahead) <= tolerated) return [{ status: "ok", detail: "the daemon's is right" }];
    const by = formatElapsed(Math.abs(ahead));
    return [
      {
        status: "warn",
        detail: `the daemon's is ${by} ${ahead > 0 ? "ahead" : "behind"}`,
        fix: "Set both clocks by NTP: tokens of registries, and times of files, are compared.",
      },
    ];
  },
};
