import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { openLayout } from "../../src/oci/layout.ts";
import { storeSampleImage } from "../oci/support/sample-image.ts";
import { rejection } from "../support/rejection.ts";
import { run } from "../support/run.ts";
import { runHive } from "../support/run-hive.ts";
import { startRegistry } from "../support/start-registry.ts";
import { tempDirectory } from "../support/temp-directory.ts";

/** A directory with two images, `oci:layout:one` and `oci:layout:two`. */
async function openImages(): Promise<
  AsyncDisposable & {
    readonly path: string;
    readonly env: Readonly<Record<string, string>>;
    push(from: string, to: string, ...args: string[]): Promise<string>;
  }
> {
  const directory = await tempDirectory();
  const { path } = directory;
  using layout = await openLayout(join(path, "layout"));
  for (const text of ["one", "two"]) {
    const image = await storeSampleImage(layout.blobs, { text });
    await layout.update(new Map([[text, image]]));
  }
  const env = { HOME: path, XDG_DATA_HOME: path, DOCKER_CONFIG: join(path, "none") };
  return {
    path,
    env,
    push: async (from, to, ...args) =>
      await run(
        [
          "skopeo",
          "copy",
          "--dest-tls-verify=false",
          ...args,
          `oci:layout:${from}`,
          `docker://${to}`,
        ],
        path,
        env,
      ),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

describe("hive registry start --role", () => {
  test("prod: a version is pushed once, latest moves, and who runs it deletes", async () => {
    await using images = await openImages();
    const storage = join(images.path, "prod");
    const { env } = images;
    await using registry = await startRegistry(["--storage", storage, "--role=prod"], { env });
    const name = `${registry.address}/team/app`;
    for (const tag of ["1.0", "latest"]) await images.push("one", `${name}:${tag}`);
    await images.push("one", `${name}:1.0`);
    await images.push("two", `${name}:latest`);
    expect(String(await rejection(images.push("two", `${name}:1.0`)))).toContain(
      "tags stay in a registry of the role prod: push under another tag",
    );
    const deletion = run(["skopeo", "delete", "--tls-verify=false", `docker://${name}:1.0`]);
    expect(String(await rejection(deletion))).toContain("tags stay in a registry of the role prod");
    const remote = await runHive(
      ["registry", "delete", "--registry", registry.address, "team/app:1.0"],
      { env },
    );
    expect([remote.exitCode, remote.stderr]).toEqual([
      5,
      expect.stringContaining("the tag 1.0 needs sha256:"),
    ]);
    const status = await runHive(["registry", "status", "--storage", storage], { env });
    expect(status.stdout).toMatch(/^role +prod$/m);
    const own = await runHive(["registry", "delete", "--storage", storage, "team/app:1.0"], {
      env,
    });
    expect([own.exitCode, own.stdout]).toEqual([
      0,
      expect.stringContaining("Deleted team/app:1.0"),
    ]);
    await images.push("two", `${name}:1.0`);
  }, 60_000);

  test("archive: no tag moves but those that may; a user who may do everything is refused, too", async () => {
    await using images = await openImages();
    const storage = join(images.path, "archive");
    const { env } = images;
    await using registry = await startRegistry(
      ["--storage", storage, "--role=archive", "--mutable-tags=edge,nightly-*", "--secure"],
      { env },
    );
    await registry.hive.prints(/password: \S+/);
    const password = /password: (\S+)/.exec(registry.hive.stdout())?.[1] ?? "";
    const creds = `--dest-creds=admin:${password}`;
    const name = `127.0.0.1:${registry.address.split(":")[1]}/team/app`;
    for (const image of ["one", "two"]) {
      await images.push(image, `${name}:edge`, creds);
      await images.push(image, `${name}:nightly-1`, creds);
    }
    await images.push("one", `${name}:latest`, creds);
    const moved = images.push("two", `${name}:latest`, creds);
    expect(String(await rejection(moved))).toContain("role archive");
    const deletion = await fetch(`https://${name.replace("/", "/v2/")}/manifests/latest`, {
      method: "DELETE",
      headers: { Authorization: `Basic ${btoa(`admin:${password}`)}` },
      tls: { rejectUnauthorized: false },
    });
    expect(deletion.status).toBe(403);
    const own = await runHive(["registry", "delete", "--storage", storage, "team/app:latest"], {
      env,
    });
    expect(own.exitCode).toBe(0);
  }, 60_000);

  test("a storage that comes back in another role says so", async () => {
    await using images = await openImages();
    const storage = ["--storage", join(images.path, "storage")];
    const { env } = images;
    const said = async (...args: string[]): Promise<string> => {
      const registry = await startRegistry([...storage, ...args], { env });
      await registry[Symbol.asyncDispose]();
      return registry.hive.stderr();
    };
    expect(await said()).not.toContain("role");
    expect(await said("--role=ci")).not.toContain("role");
    expect(await said("--role=ci")).not.toContain("role");
    expect(await said()).toContain("had the role ci before, and is started as sandbox now");
    expect(await said()).not.toContain("role");
  }, 60_000);
});
