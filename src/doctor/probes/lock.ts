import { lockable } from "../../lock/update-pins.ts";
import type { Probe } from "../probe.ts";

/** Whether hive.lock pins what the project takes from elsewhere, and nothing else. Asks no registry: hive outdated does. */
export const lockProbe: Probe = {
  name: "lock",
  limit: 5000,
  needs: "project",
  async run({ project, plan }) {
    const wanted = lockable(plan);
    const { pins } = project;
    if (pins === undefined) {
      if (wanted.length === 0) return [{ status: "ok", detail: "nothing to pin" }];
      const detail = `there is no hive.lock: ${wanted.length} images from elsewhere may change`;
      return [{ status: "warn", detail, fix: "hive lock" }];
    }
    const missing = wanted.filter((reference) => !pins.has(reference));
    const surplus = [...pins.keys()].filter((reference) => !wanted.includes(reference));
    if (missing.length === 0 && surplus.length === 0) {
      return [
        { status: "ok", detail: `hive.lock pins all ${wanted.length} images from elsewhere` },
      ];
    }
    const parts = [
      ...(missing.length === 0 ? [] : [`does not pin ${missing.join(", ")}`]),
      ...(surplus.length === 0 ? [] : [`pins ${surplus.join(", ")}, which nothing uses`]),
    ];
    return [{ status: "warn", detail: `hive.lock ${parts.join(", and ")}`, fix: "hive lock" }];
  },
};
