import type { Capabilities } from "../../buildkit/capabilities.ts";
import type { Probe } from "../probe.ts";

/** What the daemon can do, as far as builds depend on it. */
export const capabilitiesProbe: Probe = {
  name: "capabilities",
  limit: 10_000,
  needs: "buildkit",
  async run(buildkit) {
    const found = await buildkit.capabilities();
    const abilities = [
      [found.exportsImages, "exports images"],
      [found.ociLayout, "oci-layout contexts"],
      [found.namedContexts, "named contexts"],
      [found.exportsCache, "caches elsewhere"],
    ] as const;
    const list = (has: boolean): string =>
      abilities.flatMap(([able, name]) => (able === has ? name : [])).join(", ");
    const missing = list(false);
    if (missing === "") return [{ status: "ok", detail: `${kinds[found.kind]}: ${list(true)}` }];
    return [
      {
        status: "warn",
        detail: `${kinds[found.kind]}: can do ${list(true) || "nothing of it"}, but not: ${missing}`,
        fix:
          found.kind === "docker-graph"
            ? 'Turn on the engine\'s new image store, "features": {"containerd-snapshotter": true} in daemon.json, or use a buildkitd.'
            : "Use a newer BuildKit.",
      },
    ];
  },
};

const kinds: Readonly<Record<Capabilities["kind"], string>> = {
  buildkitd: "buildkitd",
  "docker-containerd": "Docker Engine with containerd's image store",
  "docker-graph": "Docker Engine with the old image store",
};
