import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openLayout } from "../../src/oci/layout.ts";
import { storeSampleImage, storeSampleIndex } from "../oci/support/sample-image.ts";
import { requireEnv } from "./require-env.ts";
import { run } from "./run.ts";
import { type HiveResult, runHive } from "./run-hive.ts";
import { type TempProject, tempProject } from "./temp-project.ts";

/** A project, and clients to put images of it into registries on loopback that speak plain HTTP. */
export type Shipyard = AsyncDisposable & {
  readonly root: string;
  /** Runs hive in the project. */
  hive(...args: string[]): Promise<HiveResult>;
  oras(...args: string[]): Promise<string>;
  crane(...args: string[]): Promise<string>;
  /**
   * Pushes an image for two platforms, with skopeo; its digest.
   * @param text the content of its one file: other text is another image
   * @param places `127.0.0.1:5000/app:1.0`
   */
  push(text: string, ...places: string[]): Promise<string>;
};

/** @param files of the project; `hive.yml` is one of them */
export async function openShipyard(files: Readonly<Record<string, string>>): Promise<Shipyard> {
  const project: TempProject = await tempProject(files);
  const { root } = project;
  const home = join(root, ".home");
  await mkdir(home);
  const env = { HOME: home, XDG_DATA_HOME: home, DOCKER_CONFIG: join(home, "docker"), CI: "" };
  const client =
    (name: string) =>
    async (...args: string[]): Promise<string> =>
      await run([join(requireEnv("HIVE_TEST_CLIENTS"), name), ...args], root, env);
  return {
    root,
    hive: async (...args) => await runHive(args, { cwd: root, env }),
    oras: client("oras"),
    crane: client("crane"),
    async push(text, ...places) {
      const directory = join(root, ".layouts", crypto.randomUUID());
      let digest = "";
      {
        using layout = await openLayout(directory);
        const images = await Promise.all(
          ["amd64", "arm64"].map(async (architecture) => ({
            ...(await storeSampleImage(layout.blobs, { architecture, text })),
            platform: { os: "linux", architecture },
          })),
        );
        const index = await storeSampleIndex(layout.blobs, images);
        ({ digest } = index);
        await layout.update(new Map([["image", index]]));
      }
      for (const place of places) {
        const command = ["skopeo", "copy", "--all", "--dest-tls-verify=false"];
        await run([...command, `oci:${directory}:image`, `docker://${place}`], root, env);
      }
      return digest;
    },
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
}
