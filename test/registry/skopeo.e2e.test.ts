import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { reachableBlobs } from "../../src/oci/reachable-blobs.ts";
import { openLayout } from "../../src/oci/layout.ts";
import { serveRegistry } from "../../src/registry/serve-registry.ts";
import { run } from "../support/run.ts";
import { storeSampleImage, storeSampleIndex } from "../oci/support/sample-image.ts";
import { tempDirectory } from "../support/temp-directory.ts";

const credential = { username: "hive", secret: "token" };

describe("skopeo", () => {
  test("copies an index into the registry and out of it again, unchanged", async () => {
    await using directory = await tempDirectory();
    using source = await openLayout(join(directory.path, "source"));
    const images: Descriptor[] = [];
    for (const architecture of ["amd64", "arm64"]) {
      const image = await storeSampleImage(source.blobs, { architecture, text: architecture });
      images.push({ ...image, platform: { os: "linux", architecture } });
    }
    const index = await storeSampleIndex(source.blobs, images);
    await source.update(new Map([["app:1", index]]));

    using layout = await openLayout(join(directory.path, ".hive"));
    await using server = await serveRegistry({ layout, credential });
    const remote = `docker://${server.address}/team/app:1.0`;
    const copy = ["skopeo", "copy", "--all"];
    await run(
      [...copy, "--dest-tls-verify=false", "--dest-creds=hive:token", "oci:source:app:1", remote],
      directory.path,
    );
    await run(
      [...copy, "--src-tls-verify=false", "--src-creds=hive:token", remote, "oci:back:app:1"],
      directory.path,
    );
    using back = await openLayout(join(directory.path, "back"));
    expect(await back.find("app:1")).toMatchObject({ digest: index.digest });
    const roots = [index];
    expect([...(await reachableBlobs(back.blobs, roots)).keys()].toSorted()).toEqual(
      [...(await reachableBlobs(source.blobs, roots)).keys()].toSorted(),
    );

    const tags = await run(
      [
        "skopeo",
        "list-tags",
        "--tls-verify=false",
        "--creds=hive:token",
        remote.replace(/:1\.0$/, ""),
      ],
      directory.path,
    );
    expect(JSON.parse(tags)).toMatchObject({ Tags: ["1.0"] });
    await run(
      ["skopeo", "delete", "--tls-verify=false", "--creds=hive:token", remote],
      directory.path,
    );
  });

  test("is refused with another password", async () => {
    await using directory = await tempDirectory();
    using layout = await openLayout(directory.path);
    await using server = await serveRegistry({ layout, credential });
    const inspect = run(
      [
        "skopeo",
        "inspect",
        "--tls-verify=false",
        "--creds=hive:wrong",
        `docker://${server.address}/a:1`,
      ],
      directory.path,
    );
    expect(inspect).rejects.toThrow(/authentication required|unauthorized/i);
  });
});
