import { expect, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { storeImage, storeLayer } from "../distribute/support/made-image.ts";
import { storedProject } from "../distribute/support/stored-project.ts";
import { peerUser, type PeerRegistry, startPeerRegistry } from "../support/peer-registries.ts";
import { run } from "../support/run.ts";

type Row = {
  readonly digest: string;
  readonly changed: boolean;
  readonly bytes: { readonly sent: number; readonly mounted: number };
};

const credentials = `${peerUser.name}:${peerUser.password}`;

/** What another client says that a reference stands for. */
async function digestAt(
  { address, authority = "" }: PeerRegistry,
  name: string,
  directory: string,
): Promise<string> {
  const certificates = join(directory, address);
  await mkdir(certificates, { recursive: true });
  await Bun.write(join(certificates, "ca.crt"), Bun.file(authority));
  const flags = [`--cert-dir=${certificates}`, `--creds=${credentials}`, "--raw"];
  const bytes = await run(["skopeo", "inspect", ...flags, `docker://${address}/${name}`]);
  return `sha256:${new Bun.CryptoHasher("sha256").update(bytes).digest("hex")}`;
}

test("an image goes round hive, distribution and zot, with TLS and users, and keeps its digest and its SBOM", async () => {
  await using project = await storedProject({ app: { tags: ["1.0"] } });
  const { blobs } = project.layout;
  const shared = await storeLayer(blobs, 700_000);
  const index = await project.store("app:1.0", { layers: [shared] });
  const sbom = await storeImage(blobs, [await storeLayer(blobs, 100)], {
    subject: index,
    artifactType: "application/spdx+json",
  });
  const layoutIndex = join(project.layout.directory, "index.json");
  const document = (await Bun.file(layoutIndex).json()) as { manifests: unknown[] };
  document.manifests.push(sbom);
  await Bun.write(layoutIndex, JSON.stringify(document));

  await using hive = await startPeerRegistry("hive");
  await using distribution = await startPeerRegistry("distribution");
  await using zot = await startPeerRegistry("zot");
  const auth = Buffer.from(credentials).toString("base64");
  const auths = Object.fromEntries(
    [hive, distribution, zot].map(({ address }) => [address, { auth }]),
  );
  await Bun.write(join(project.root, "docker", "config.json"), JSON.stringify({ auths }));
  const rows = async (...args: string[]): Promise<Row[]> => {
    const { exitCode, stdout, stderr } = await project.run([...args, "--json"]);
    expect([exitCode, exitCode === 0 ? "" : stderr]).toEqual([0, ""]);
    return JSON.parse(stdout) as Row[];
  };

  const push = ["push", `--to=${hive.address}/team`, `--ca-cert=${hive.authority}`];
  await rows(...push);
  expect((await rows(...push)).some(({ changed }) => changed)).toBe(false);
  const ring = [hive, distribution, zot, hive];
  for (const [at, from] of ring.slice(0, -1).entries()) {
    const to = ring[at + 1] ?? hive;
    const repository = at === 0 ? "team/app" : `round${at}/app`;
    const copy = [
      "registry",
      "copy",
      "--referrers",
      `--src-ca-cert=${from.authority}`,
      `--dest-ca-cert=${to.authority}`,
      `${from.address}/${repository}:1.0`,
      `${to.address}/round${at + 1}/app`,
    ];
    expect((await rows(...copy)).map(({ digest }) => digest)).toEqual([index.digest]);
    expect((await rows(...copy)).map(({ changed }) => changed)).toEqual([false]);
    expect(await digestAt(to, `round${at + 1}/app:1.0`, project.root)).toBe(index.digest);
    const inspect = ["registry", "inspect", `${to.address}/round${at + 1}/app:1.0`];
    const { stdout } = await project.run([...inspect, `--ca-cert=${to.authority}`, "--json"]);
    expect((JSON.parse(stdout) as { referrers: { digest: string }[] }).referrers).toMatchObject([
      { digest: sbom.digest },
    ]);

    // Into another repository of the same registry nothing moves.
    const within = [
      "registry",
      "copy",
      `--ca-cert=${to.authority}`,
      `${to.address}/round${at + 1}/app:1.0`,
      `${to.address}/mounted${at + 1}/app`,
    ];
    expect((await rows(...within))[0]?.bytes).toMatchObject({ sent: 0 });
  }
});
