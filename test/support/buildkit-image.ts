import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { importImage } from "./import-image.ts";
import { requireEnv } from "./require-env.ts";
import { tempDirectory } from "./temp-directory.ts";

/**
 * Gives an engine an image of BuildKit that it can't pull here, made of the programs that the tests have. It goes again
 * at the end.
 * @param name with its tag
 */
export async function buildkitImage(host: string, name: string): Promise<AsyncDisposable> {
  const daemon = requireEnv("HIVE_TEST_BUILDKITD");
  const runc = Bun.which("buildkit-runc") ?? Bun.which("runc");
  if (runc === null) throw new Error("There is no runc on PATH");
  await using directory = await tempDirectory();
  const bin = join(directory.path, "usr/bin");
  await mkdir(bin, { recursive: true });
  await mkdir(join(directory.path, "tmp"));
  await copyFile(daemon, join(bin, "buildkitd"));
  await copyFile(join(dirname(daemon), "buildctl"), join(bin, "buildctl"));
  await copyFile(runc, join(bin, "buildkit-runc"));
  // A distribution's runc needs libraries, a static one none.
  const linked = await new Response(Bun.spawn(["ldd", runc], { stderr: "ignore" }).stdout).text();
  for (const [library] of linked.matchAll(/\/\S+(?= \(0x)/g)) {
    await mkdir(join(directory.path, dirname(library)), { recursive: true });
    await copyFile(library, join(directory.path, library));
  }
  const changes = ["ENV PATH=/usr/bin", 'ENTRYPOINT ["buildkitd"]'];
  return await importImage(host, name, { directory: directory.path, changes });
}
