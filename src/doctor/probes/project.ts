import type { HiveError } from "../../base/hive-error.ts";
import type { Finding, Probe, ReadProject } from "../probe.ts";

/** Whether there is a project, and whether it can be read and planned. None is fine: the registry needs none. */
export const projectProbe: Probe = {
  name: "project",
  limit: 30_000,
  needs: "nothing",
  async run(_, world) {
    const state = await world.project;
    switch (state.kind) {
      case "absent":
        return [{ status: "skipped", detail: "no hive.yml here or above" }];
      case "broken":
        return [broken(state.error)];
      case "read":
        return [read(state)];
    }
  },
};

function broken({ message, hint, diagnostics }: HiveError): Finding {
  const [first] = diagnostics;
  if (first === undefined) return { status: "fail", detail: message, fix: hint };
  const { code, place } = first;
  const more = diagnostics.length === 1 ? "" : ` (and ${diagnostics.length - 1} more)`;
  return {
    status: "fail",
    detail: `${code} ${place.file}:${place.line}:${place.column}: ${first.message}${more}`,
    fix: `${first.help === undefined ? "" : `${first.help}; `}hive verify shows all of it`,
  };
}

function read({ project, plan, warnings }: ReadProject): Finding {
  const { length: images } = project.images;
  const { length: targets } = plan.targets;
  const detail = `${project.root}: ${images} image definitions, ${targets} targets`;
  if (warnings === 0) return { status: "ok", detail };
  return {
    status: "warn",
    detail: `${detail}, ${warnings} warnings`,
    fix: "hive verify shows them",
  };
}
