import { dockerClient } from "./docker-client.ts";

/**
 * Gives an engine an image with the files of a directory. Disposing removes it.
 * @param changes instructions of a Dockerfile for its config: `ENV PATH=/bin`
 */
export async function importImage(
  host: string,
  name: string,
  { directory, changes = [] }: { readonly directory: string; readonly changes?: readonly string[] },
): Promise<AsyncDisposable> {
  const tar = Bun.spawn(["tar", "-c", "-C", directory, "."], { stdout: "pipe" });
  const options = changes.map((change) => `--change=${change}`);
  await dockerClient(host, ["import", ...options, "-", name], await tar.stdout.bytes());
  return {
    async [Symbol.asyncDispose]() {
      await dockerClient(host, ["rmi", "--force", name]);
    },
  };
}
