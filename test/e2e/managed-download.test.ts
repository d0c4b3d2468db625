import { beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { openCertificates } from "../../src/certificates/open-certificates.ts";
import { type TarFile, tarStream } from "../../src/oci/tar-stream.ts";
import { managedHome } from "../support/managed-home.ts";
import { projectDirectory } from "../support/project-directory.ts";
import { requireEnv } from "../support/require-env.ts";
import { runHive } from "../support/run-hive.ts";
import { type TempDirectory, tempDirectory } from "../support/temp-directory.ts";

/** No release that hive knows the checksum of. */
const version = "v0.32.2-test.1";
const arch = process.arch === "arm64" ? "arm64" : "amd64";
const path = `/bk/${version}/buildkit-${version}.linux-${arch}.tar.gz`;
const start = ["dev", "buildkitd", "start", "--with=download"];

let archive: Uint8Array;
let checksum: string;

beforeAll(async () => {
  const runc = Bun.which("buildkit-runc") ?? Bun.which("runc");
  if (runc === null) throw new Error("There is no runc on PATH");
  const programs = [
    ["bin/buildkitd", requireEnv("HIVE_TEST_BUILDKITD")],
    ["bin/buildkit-runc", runc],
    ["bin/buildctl", "/bin/true"],
  ];
  const files = programs.map(([name = "", file = ""]): TarFile => {
    const content = Bun.file(file);
    return { name, size: content.size, content: () => content.stream() };
  });
  const tar = Buffer.concat(await Array.fromAsync(tarStream(files)));
  archive = Bun.gzipSync(tar, { level: 1 });
  checksum = new Bun.CryptoHasher("sha256").update(archive).digest("hex");
}, 60_000);

/** A mirror with TLS, and the authority to trust it by. */
async function mirror(
  served: Readonly<Record<string, () => Response>>,
): Promise<AsyncDisposable & { url: string; authority: string; asked: string[] }> {
  await using stack = new AsyncDisposableStack();
  const { path: directory } = stack.use(await tempDirectory());
  const { certificate, key, authorityFile } = await openCertificates({ directory });
  const asked: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    tls: { cert: certificate, key },
    fetch({ url }) {
      const { pathname } = new URL(url);
      asked.push(pathname);
      return served[pathname]?.() ?? new Response("not found", { status: 404 });
    },
  });
  stack.defer(async () => await server.stop(true));
  const owned = stack.move();
  return {
    url: `https://127.0.0.1:${server.port}/bk`,
    authority: authorityFile,
    asked,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** PATH without buildkitd and runc: what starts a daemon, and no more. */
async function bareDirectory(): Promise<TempDirectory> {
  const directory = await tempDirectory();
  for (const name of ["unshare", "true"]) {
    await symlink(Bun.which(name) ?? name, join(directory.path, name));
  }
  return directory;
}

describe("hive dev buildkitd start --with=download", () => {
  test("gets the release from a mirror, once, and builds on it", async () => {
    await using programs = await bareDirectory();
    await using server = await mirror({
      [path]: () => new Response(archive),
      [`${path}.sha256`]: () => new Response(`${checksum}  buildkit.tar.gz\n`),
    });
    await using home = await managedHome({
      PATH: programs.path,
      NODE_EXTRA_CA_CERTS: server.authority,
      HIVE_BUILDKIT_MIRROR: server.url,
    });
    const { env, directory } = home;
    await using app = await projectDirectory({
      "hive.yml": `buildkit: { version: ${version} }\n`,
    });
    const options = { cwd: app.path, env };
    const built = await runHive(["build", "--buildkit=managed"], options);
    expect([built.exitCode, built.stderr]).toEqual([
      0,
      expect.stringContaining("Downloading BuildKit"),
    ]);
    expect(built.stderr).toContain("No buildkitd of this machine");
    expect(await readdir(join(directory, "releases"))).toEqual([`${version}-linux-${arch}`]);
    const again = await runHive(start, options);
    expect([again.exitCode, again.stderr]).toEqual([
      0,
      expect.not.stringContaining("Downloading BuildKit"),
    ]);
    const status = await runHive(["dev", "buildkitd", "status", "--json"], { env });
    expect(JSON.parse(status.stdout)).toMatchObject({ with: "download", answers: true });
    expect(server.asked).toEqual([`${path}.sha256`, path]);
  }, 120_000);

  test("runs nothing whose checksum is wrong or missing, or whose server nobody trusts", async () => {
    await using programs = await bareDirectory();
    await using app = await projectDirectory({
      "hive.yml": `buildkit: { version: ${version} }\n`,
    });
    const cases = [
      {
        served: { [`${path}.sha256`]: () => new Response(`${"0".repeat(64)}\n`) },
        trusted: true,
        exitCode: 1,
        words: "its checksum is wrong",
      },
      { served: {}, trusted: true, exitCode: 4, words: "the server answered 404" },
      { served: {}, trusted: false, exitCode: 4, words: "certificate" },
    ];
    for (const { served, trusted, exitCode, words } of cases) {
      await using server = await mirror({ [path]: () => new Response(archive), ...served });
      await using home = await managedHome({
        PATH: programs.path,
        NODE_EXTRA_CA_CERTS: trusted ? server.authority : undefined,
      });
      const { env, directory } = home;
      const result = await runHive([...start, `--mirror=${server.url}`], { cwd: app.path, env });
      expect([result.exitCode, result.stderr]).toEqual([exitCode, expect.stringContaining(words)]);
      const releases = join(directory, "releases");
      expect(existsSync(releases) ? await readdir(releases) : []).toEqual([]);
    }
  }, 120_000);

  test("a download that was killed leaves nothing in the way of the next", async () => {
    await using programs = await bareDirectory();
    await using home = await managedHome({ PATH: programs.path });
    const { env, directory } = home;
    const part = join(directory, "releases/.part");
    await mkdir(part, { recursive: true });
    await Bun.write(join(part, "archive"), "half of it");
    await using server = await mirror({
      [path]: () => new Response(archive),
      [`${path}.sha256`]: () => new Response(checksum),
    });
    await using app = await projectDirectory({
      "hive.yml": `buildkit: { version: ${version} }\n`,
    });
    const result = await runHive([...start, `--mirror=${server.url}`], {
      cwd: app.path,
      env: { ...env, NODE_EXTRA_CA_CERTS: server.authority },
    });
    expect(result.exitCode).toBe(0);
    expect(existsSync(part)).toBe(false);
  }, 120_000);
});
