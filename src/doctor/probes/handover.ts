import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BuildkitError } from "../../buildkit/buildkit-error.ts";
import { createRunRegistries } from "../../build/run-registries.ts";
import { openLayout } from "../../oci/layout.ts";
import type { Probe } from "../probe.ts";
import { testBuild } from "./test-build.ts";

/** Whether the daemon reaches the registry in hive's process, through which images go from build to build: it pushes there. */
export const handoverProbe: Probe = {
  name: "handover",
  limit: 30_000,
  needs: "buildkit",
  async run(buildkit, _, signal) {
    const { exportsImages } = await buildkit.capabilities();
    if (!exportsImages) return [{ status: "skipped", detail: "see capabilities" }];
    const directory = await mkdtemp(join(tmpdir(), "hive-doctor-"));
    try {
      using layout = await openLayout(directory, { durable: false });
      const registries = createRunRegistries(
        async () => undefined,
        () => {},
      );
      await using registry = await registries.serve(layout);
      const name = `${registry.address}/hive-doctor:probe`;
      const exporter = { type: "image", attrs: { name, push: "true", store: "false" } };
      await testBuild(buildkit, { exporter, credentials: registries.credentials }, signal);
      return [{ status: "ok", detail: "the daemon reaches the registry inside hive" }];
    } catch (error) {
      // Not the build, but the push, says who it did not reach.
      if (!(error instanceof BuildkitError) || !error.message.includes("127.0.0.1")) throw error;
      return [
        {
          status: "warn",
          detail: `the daemon can't reach the registry inside hive: ${error.message}`,
          fix: "Run the daemon on this machine, in its network namespace (docker run --network host), or build with --handover=session.",
        },
      ];
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};
