import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";

export type Shape = {
  /** How many images stand on one another. */
  readonly levels: number;
  readonly imagesPerLevel: number;
};

/**
 * Writes one family of images twice below `directory`: as a hive project and as `docker-bake.json`.
 * The first level is `FROM scratch` with a static busybox, every other image builds on one of the level below.
 * @param seed goes into every image: another seed means that nothing is cached
 */
export async function generateProject(
  directory: string,
  shape: Shape,
  busybox: string,
  seed: string,
): Promise<void> {
  const targets: Record<string, unknown> = {};
  for (let level = 0; level < shape.levels; level++) {
    for (let index = 0; index < shape.imagesPerLevel; index++) {
      const name = imageName(level, index);
      const parent = level === 0 ? undefined : imageName(level - 1, index);
      const context = join(directory, "images", name);
      await write(join(context, "image.yml"), `tags: [{ name: "1" }]\n`);
      await write(join(context, "data"), `${name} ${seed}\n`.repeat(1000));
      await write(
        join(context, "Dockerfile"),
        dockerfile(parent === undefined ? undefined : `__hive__/${parent}:1`),
      );
      // Bake can't read the reference that hive does: the same Dockerfile with a name that it can.
      await write(
        join(directory, "bake", `${name}.Dockerfile`),
        dockerfile(parent === undefined ? undefined : `parent`),
      );
      if (parent === undefined) await copyFile(busybox, join(context, "busybox"));
      targets[name] = {
        context,
        dockerfile: join(directory, "bake", `${name}.Dockerfile`),
        ...(parent === undefined ? {} : { contexts: { parent: `target:${parent}` } }),
      };
    }
  }
  await write(join(directory, "hive.yml"), "{}\n");
  const group = { default: { targets: Object.keys(targets) } };
  await write(
    join(directory, "docker-bake.json"),
    JSON.stringify({ group, target: targets }, undefined, 2),
  );
}

function imageName(level: number, index: number): string {
  return `level${level}-image${index}`;
}

function dockerfile(parent: string | undefined): string {
  const start =
    parent === undefined
      ? `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin"]`
      : `FROM ${parent}`;
  return `${start}
COPY data /data
RUN sha256sum /data > /sum
`;
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await Bun.write(path, text);
}
