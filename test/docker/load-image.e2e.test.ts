import { describe, expect, test } from "bun:test";
import { loadImage } from "../../src/docker/load-image.ts";
import { dockerArchive } from "../../src/oci/archive.ts";
import { openLayout } from "../../src/oci/layout.ts";
import { storeSampleImage } from "../oci/support/sample-image.ts";
import { requireEnv } from "../support/require-env.ts";
import { tempDirectory } from "../support/temp-directory.ts";

/** What an engine says about an image. */
async function inspect(host: string, name: string): Promise<Response> {
  return await engineRequest(host, "GET", `/images/${name}/json`);
}

async function engineRequest(host: string, method: string, path: string): Promise<Response> {
  const unix = host.replace(/^unix:\/\//, "");
  return await fetch(`http://docker${path}`, { method, unix });
}

async function* nonsense(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("this is no archive");
}

describe("loadImage() into a real engine", () => {
  test.each(["none", "gzip", "zstd"] as const)(
    "loads an image with layers of %s",
    async (compression) => {
      const host = requireEnv("HIVE_TEST_DOCKER_HOST");
      await using directory = await tempDirectory();
      using layout = await openLayout(directory.path);
      const text = `${compression} ${crypto.randomUUID()}`;
      const image = await storeSampleImage(layout.blobs, { compression, text });
      const tag = `hive-test-${compression}:${crypto.randomUUID()}`;
      try {
        const loaded = await loadImage(dockerArchive(layout, image.digest, [tag]), {
          env: { DOCKER_HOST: host },
        });
        expect(loaded.map((name) => name.replace("docker.io/library/", ""))).toEqual([tag]);
        const info = (await (await inspect(host, tag)).json()) as {
          RepoTags: string[];
          Config: { Cmd: string[] };
          RootFS: { Layers: string[] };
        };
        expect(info.RepoTags).toEqual([tag]);
        expect(info.Config.Cmd).toEqual(["/hello"]);
        expect(info.RootFS.Layers).toHaveLength(1);
      } finally {
        await engineRequest(host, "DELETE", `/images/${tag}`);
      }
    },
  );

  test("reports what the engine does not like", async () => {
    const host = requireEnv("HIVE_TEST_DOCKER_HOST");
    expect(loadImage(nonsense(), { env: { DOCKER_HOST: host } })).rejects.toThrow(
      "Cannot load the image",
    );
  });
});
