import { describe, expect, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openLayout } from "../../src/oci/layout.ts";
import { storeSampleImage, storeSampleIndex } from "../oci/support/sample-image.ts";
import {
  peerKinds,
  peerUser,
  startPeerRegistry,
  type PeerKind,
} from "../support/peer-registries.ts";
import { run } from "../support/run.ts";
import { type HiveResult, runHive } from "../support/run-hive.ts";
import { tempDirectory } from "../support/temp-directory.ts";

type Peer = AsyncDisposable & {
  readonly address: string;
  /** The index that `team/app:1.0` stands for. */
  readonly digest: string;
  /** `hive registry ...` at this registry, with what a login stores. */
  hive(...args: string[]): Promise<HiveResult>;
  /** The same without a login. */
  stranger(...args: string[]): Promise<HiveResult>;
};

/** A registry with TLS and a user that has `team/app:1.0` (two platforms), its tag `1.0-amd64`, and `base:1`. */
async function filledPeer(kind: PeerKind): Promise<Peer> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDirectory()).path;
  const peer = stack.use(await startPeerRegistry(kind));
  const { address, authority = "" } = peer;
  let digest = "";
  {
    using layout = await openLayout(join(directory, "layout"));
    const amd64 = await storeSampleImage(layout.blobs);
    const arm64 = await storeSampleImage(layout.blobs, { architecture: "arm64", text: "arm" });
    const index = await storeSampleIndex(layout.blobs, [
      { ...amd64, platform: { os: "linux", architecture: "amd64" } },
      { ...arm64, platform: { os: "linux", architecture: "arm64" } },
    ]);
    digest = index.digest;
    await layout.update(
      new Map([
        ["app", index],
        ["amd64", amd64],
        ["base", arm64],
      ]),
    );
  }
  const certificates = join(directory, "certs");
  await mkdir(certificates);
  await Bun.write(join(certificates, "ca.crt"), Bun.file(authority));
  const credentials = `${peerUser.name}:${peerUser.password}`;
  for (const [name, reference] of Object.entries({
    app: "team/app:1.0",
    amd64: "team/app:1.0-amd64",
    base: "base:1",
  })) {
    const flags = [`--dest-cert-dir=${certificates}`, `--dest-creds=${credentials}`, "--all"];
    const places = [`oci:layout:${name}`, `docker://${address}/${reference}`];
    await run(["skopeo", "copy", ...flags, ...places], directory);
  }
  const auth = Buffer.from(credentials).toString("base64");
  await Bun.write(
    join(directory, "config.json"),
    JSON.stringify({ auths: { [address]: { auth } } }),
  );
  const hive = async (config: string, args: string[]): Promise<HiveResult> =>
    await runHive(["registry", ...args, `--registry=${address}`, `--ca-cert=${authority}`], {
      cwd: directory,
      env: { HOME: directory, DOCKER_CONFIG: config },
    });
  const owned = stack.move();
  return {
    address,
    digest,
    hive: async (...args) => await hive(directory, args),
    stranger: async (...args) => await hive(join(directory, "nothing"), args),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe.each([...peerKinds])("hive registry at %s, over TLS, with users", (kind) => {
  test("shows what there is, and deletes", async () => {
    await using peer = await filledPeer(kind);
    const list = await peer.hive("list");
    expect(list).toMatchObject({ exitCode: 0, stderr: "" });
    expect(list.stdout).toBe("REPOSITORY  TAGS\nbase           1\nteam/app       2\n");
    expect((await peer.hive("catalog")).stdout).toBe("base\nteam/app\n");
    expect((await peer.hive("tags", "team/app")).stdout).toBe("1.0\n1.0-amd64\n");

    const index = await peer.hive("inspect", "team/app:1.0", "--json");
    expect(JSON.parse(index.stdout)).toMatchObject({ digest: peer.digest });
    const image = await peer.hive("inspect", "team/app:1.0", "--platform=linux/arm64", "--json");
    expect(JSON.parse(image.stdout)).toMatchObject({ image: { config: { cmd: ["/hello"] } } });

    const deleted = await peer.hive("delete", "base:1", "--json");
    expect(deleted).toMatchObject({ exitCode: 0, stderr: "" });
    expect(JSON.parse(deleted.stdout)).toMatchObject([{ reference: "1", manifest: "deleted" }]);
    expect((await peer.hive("inspect", "base:1")).exitCode).toBe(1);
    // The tag goes, the image that the index needs stays.
    const kept = await peer.hive("delete", "team/app:1.0-amd64", "--json");
    expect(JSON.parse(kept.stdout)).toMatchObject([{ manifest: "kept", neededBy: ["1.0"] }]);
    expect((await peer.hive("tags", "team/app")).stdout).toBe("1.0\n");
    expect((await peer.hive("inspect", "team/app:1.0")).exitCode).toBe(0);
  });

  test("says that a login is missing", async () => {
    await using peer = await filledPeer(kind);
    const refused = await peer.stranger("tags", "team/app");
    expect([refused.exitCode, refused.stdout]).toEqual([5, ""]);
    expect(refused.stderr).toContain(`hive login ${peer.address}`);
  });
});

test("an authority that nobody trusts is told from a registry that does not answer", async () => {
  await using peer = await startPeerRegistry("distribution", { users: {} });
  const { exitCode, stderr } = await runHive(["registry", "catalog", `--registry=${peer.url}`], {
    env: { DOCKER_CONFIG: "/nonexistent" },
  });
  expect(exitCode).toBe(4);
  expect(stderr).toContain("its certificate is of an authority that is not known here");
});

test.each([...peerKinds])(
  "%s on loopback that was taken for one without TLS is told",
  async (kind) => {
    await using peer = await startPeerRegistry(kind);
    const { exitCode, stderr } = await runHive(
      ["registry", "catalog", `--registry=${peer.address}`],
      {
        env: { DOCKER_CONFIG: "/nonexistent" },
      },
    );
    expect(exitCode).toBeGreaterThan(0);
    expect(stderr).toMatch(/hint: .*TLS.*--ca-cert/);
  },
);
