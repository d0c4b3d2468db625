import { join } from "node:path";
import type { Descriptor } from "../../../src/oci/descriptor.ts";
import { createImageIndex } from "../../../src/oci/image-index.ts";
import { storeBlob } from "../../../src/oci/blob-store.ts";
import { type ImageLayout, openLayout } from "../../../src/oci/layout.ts";
import { type HiveResult, runHive } from "../../support/run-hive.ts";
import { tempProject } from "../../support/temp-project.ts";
import { storeImage, storeLayer } from "./made-image.ts";

/** A project whose store has images that no BuildKit made. */
export type StoredProject = AsyncDisposable & {
  readonly root: string;
  readonly layout: ImageLayout;
  /** Stores an image for platforms, with these layers and one of its own, under a name: its layers without that one. */
  store(name: string, options?: StoreOptions): Promise<Descriptor>;
  /** Runs hive in it, without credentials, registries or a CI of whoever runs the tests. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<HiveResult>;
  readonly env: Readonly<Record<string, string | undefined>>;
};

type StoreOptions = {
  readonly architectures?: readonly string[];
  readonly layers?: readonly Descriptor[];
};

/** @param images `name: tags`; each has a Dockerfile with this first line, by default `FROM scratch` */
export async function storedProject(
  images: Readonly<Record<string, { readonly tags: readonly string[]; readonly from?: string }>>,
  settings = "platforms: [amd64, arm64]\n",
): Promise<StoredProject> {
  const files = Object.entries(images).flatMap(([name, { tags, from = "scratch" }]) => [
    [
      `images/${name}/image.yml`,
      `tags: [${tags.map((tag) => `{ name: "${tag}" }`).join(", ")}]\n`,
    ] as const,
    [`images/${name}/Dockerfile`, `FROM ${from}\n`] as const,
  ]);
  const project = await tempProject({ "hive.yml": settings, ...Object.fromEntries(files) });
  const layout = await openLayout(join(project.root, ".hive"), { durable: false });
  const env = {
    HOME: project.root,
    XDG_DATA_HOME: join(project.root, "data"),
    DOCKER_CONFIG: join(project.root, "docker"),
    HIVE_CI: "0",
    HIVE_REGISTRY: undefined,
    CONTAINER_HIVE_REGISTRY: undefined,
    HIVE_TAG_STRATEGY: undefined,
  };
  return {
    root: project.root,
    layout,
    env,
    async store(name, { architectures = ["amd64", "arm64"], layers = [] } = {}) {
      const { blobs } = layout;
      const made: Descriptor[] = [];
      for (const architecture of architectures) {
        made.push(await storeImage(blobs, [...layers, await storeLayer(blobs)], { architecture }));
      }
      const [only] = made;
      if (only !== undefined && made.length === 1) {
        await layout.update(new Map([[name, only]]));
        return only;
      }
      const { descriptor, bytes } = createImageIndex(made);
      await storeBlob(blobs, bytes);
      await layout.update(new Map([[name, descriptor]]));
      return descriptor;
    },
    run: (args, more = {}) => runHive(args, { cwd: project.root, env: { ...env, ...more } }),
    async [Symbol.asyncDispose]() {
      layout[Symbol.dispose]();
      await project[Symbol.asyncDispose]();
    },
  };
}
