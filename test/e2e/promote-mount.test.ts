import { expect, test } from "bun:test";
import { join } from "node:path";
import { storeLayer } from "../distribute/support/made-image.ts";
import { storedProject } from "../distribute/support/stored-project.ts";
import { startCountingRelay } from "../support/counting-relay.ts";
import { peerKinds, startPeerRegistry } from "../support/peer-registries.ts";
import { run } from "../support/run.ts";

test.each([...peerKinds])(
  "a promotion between repositories of one registry, a %s, moves no byte of a blob",
  async (kind) => {
    await using registry = await startPeerRegistry(kind, { tls: false, users: {} });
    await using relay = await startCountingRelay(registry.address);
    await using project = await storedProject(
      { app: { tags: ["1.0"] } },
      `platforms: [amd64, arm64]
registries:
  ci: { address: "${relay.address}/ci", role: ci }
  prod: { address: "${relay.address}/prod", role: prod, promote_from: [ci] }
`,
    );
    const layer = await storeLayer(project.layout.blobs, 2_000_000);
    const { digest } = await project.store("app:1.0", { layers: [layer] });
    expect((await project.run(["push", "--to=ci"])).exitCode).toBe(0);
    // The count counts: the layer was sent once.
    expect(relay.bytes.sent).toBeGreaterThan(2_000_000);
    expect(relay.bytes.sent).toBeLessThan(2_200_000);

    relay.bytes.sent = 0;
    relay.bytes.received = 0;
    const { exitCode, stdout, stderr } = await project.run(["promote", "app:1.0", "--json"]);
    expect([exitCode, exitCode === 0 ? "" : stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject([{ status: "promoted", digest }]);
    // Questions, manifests and the record, but nothing near the size of the layer.
    expect(relay.bytes.sent).toBeLessThan(100_000);
    expect(relay.bytes.received).toBeLessThan(100_000);
    // All of it is there.
    const copy = ["skopeo", "copy", "--all", "--preserve-digests", "--src-tls-verify=false"];
    const pulled = `oci:${join(project.root, "pulled")}:app:1.0`;
    await run([...copy, `docker://${relay.address}/prod/app:1.0`, pulled]);
    const bytes = await run(["skopeo", "inspect", "--raw", pulled]);
    expect(`sha256:${new Bun.CryptoHasher("sha256").update(bytes).digest("hex")}`).toBe(digest);
  },
  60_000,
);
