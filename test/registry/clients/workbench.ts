import { join } from "node:path";
import type { Descriptor } from "../../../src/oci/descriptor.ts";
import { openLayout } from "../../../src/oci/layout.ts";
import { run } from "../../support/run.ts";
import { storeSampleImage, storeSampleIndex } from "../../oci/support/sample-image.ts";
import { requireEnv } from "../../support/require-env.ts";
import { tempDirectory } from "../../support/temp-directory.ts";
import { startRegistryProcess } from "../support/registry-process.ts";
import { startTap } from "../support/tap.ts";

/** A registry, an image, and a directory of the client's own. */
export type Workbench = AsyncDisposable & {
  /** `127.0.0.1:<port>`, as it stands before the name in a reference. */
  readonly address: string;
  readonly directory: string;
  /** The directory has `layout`, an OCI image layout with both; the index is of two platforms. */
  readonly image: Descriptor;
  readonly index: Descriptor;
  /** Runs a command in the directory; its output. */
  readonly run: (...command: readonly string[]) => Promise<string>;
  /** Runs crane, regctl or oras. */
  readonly client: (name: string, ...args: readonly string[]) => Promise<string>;
  /** Asks the registry itself. */
  readonly ask: (method: string, path: string) => Promise<Response>;
  /** Puts image and index into the registry, as `name:image` and `name:index`, by a client that is not under test. */
  readonly seed: (name: string) => Promise<void>;
  /** Throws unless the registry has these bytes under the tag, and all that they need. */
  readonly expectStored: (name: string, tag: string, digest?: string) => Promise<void>;
  /** Method and target of every request since the last call. */
  readonly requests: () => readonly string[];
};

export async function openWorkbench(): Promise<Workbench> {
  await using stack = new AsyncDisposableStack();
  const { path: directory } = stack.use(await tempDirectory());
  const registry = stack.use(await startRegistryProcess("unsynced"));
  const tap = stack.use(await startTap(registry.port));
  const { image, index } = await makeLayout(directory);
  await Bun.write(join(directory, "auth.json"), "{}");
  const env = {
    HOME: directory,
    DOCKER_HOST: requireEnv("HIVE_TEST_DOCKER_HOST"),
    REGISTRY_AUTH_FILE: join(directory, "auth.json"),
    XDG_DATA_HOME: directory,
  };
  const ask: Workbench["ask"] = async (method, path) =>
    await fetch(`${registry.url}${path}`, { method });
  let seen = 0;
  const owned = stack.move();
  const bench: Workbench = {
    address: tap.address,
    directory,
    image,
    index,
    run: async (...command) => await run(command, directory, env),
    client: async (name, ...args) =>
      await run([join(requireEnv("HIVE_TEST_CLIENTS"), name), ...args], directory, env),
    ask,
    async seed(name) {
      for (const tag of ["image", "index"]) {
        await bench.client(
          "regctl",
          "--host",
          `reg=${tap.address},tls=disabled`,
          "image",
          "copy",
          `ocidir://layout:${tag}`,
          `${tap.address}/${name}:${tag}`,
        );
      }
    },
    expectStored: async (name, tag, digest) => await expectStored(ask, name, tag, digest),
    requests() {
      const all = tap.requests();
      const fresh = all.slice(seen);
      seen = all.length;
      return fresh;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
  return bench;
}

async function makeLayout(directory: string): Promise<{ image: Descriptor; index: Descriptor }> {
  using layout = await openLayout(join(directory, "layout"));
  const images: Descriptor[] = [];
  for (const architecture of ["amd64", "arm64"]) {
    const image = await storeSampleImage(layout.blobs, { architecture, text: architecture });
    images.push({ ...image, platform: { os: "linux", architecture } });
  }
  const index = await storeSampleIndex(layout.blobs, images);
  const [image] = images;
  if (image === undefined) throw new Error("There is no image");
  await layout.update(
    new Map([
      ["image", image],
      ["index", index],
    ]),
  );
  return { image, index };
}

type Needed = {
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  readonly manifests?: readonly Descriptor[];
};

async function expectStored(
  ask: Workbench["ask"],
  name: string,
  reference: string,
  digest: string | undefined,
): Promise<void> {
  const answer = await ask("GET", `/v2/${name}/manifests/${reference}`);
  const stored = answer.headers.get("docker-content-digest");
  if (!answer.ok || (digest !== undefined && stored !== digest)) {
    throw new Error(`Expected ${digest} as ${name}:${reference}, got ${answer.status} ${stored}`);
  }
  const { config, layers = [], manifests = [] } = (await answer.json()) as Needed;
  for (const child of manifests) await expectStored(ask, name, child.digest, child.digest);
  for (const blob of [...layers, ...(config === undefined ? [] : [config])]) {
    const head = await ask("HEAD", `/v2/${name}/blobs/${blob.digest}`);
    if (head.headers.get("content-length") !== `${blob.size}`) {
      throw new Error(`${name} lacks the blob ${blob.digest}`);
    }
  }
}
