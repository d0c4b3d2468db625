/**
 * A project of many small targets, for what `hive` does besides building: loading, planning, finding that nothing changed.
 *
 *   bun bench/generate-matrix.ts DIRECTORY [--images 200] [--tags 3] [--platforms linux/amd64,linux/arm64]
 */
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";

export type MatrixShape = {
  readonly images: number;
  readonly tags: number;
  readonly platforms: readonly string[];
};

/** A tenth of the images stand on nothing, each other one on the image that many places before it: ten levels. */
const levels = 10;

/**
 * Writes one family of images twice below `directory`: as a hive project and as `docker-bake.json`. Tags of one image
 * differ by a build argument, and each builds on the same tag of its parent. Nothing runs, so that any daemon builds
 * any platform.
 * @param seed goes into every image: another seed means that nothing is cached
 */
export async function generateMatrix(
  directory: string,
  { images, tags, platforms }: MatrixShape,
  seed: string,
): Promise<void> {
  const width = Math.ceil(images / levels);
  const targets: Record<string, unknown> = {};
  for (let index = 0; index < images; index++) {
    const name = imageName(index);
    const parent = index < width ? undefined : imageName(index - width);
    const context = join(directory, "images", name);
    const numbers = Array.from({ length: tags }, (_, tag) => tag);
    await write(join(context, "image.yml"), imageFile(name, numbers.map(tagName)));
    await write(join(context, "rootfs/etc", name), `${name} ${seed}\n`.repeat(20));
    await write(join(context, "Dockerfile"), dockerfile(parent && `__hive__/${parent}:$TAG`));
    // Bake can't read the reference that hive does: the same Dockerfile with a name that it can.
    const bakeFile = join(directory, "bake", `${name}.Dockerfile`);
    await write(bakeFile, dockerfile(parent && "parent"));
    for (const tag of numbers) {
      targets[targetName(name, tag)] = {
        context,
        dockerfile: bakeFile,
        platforms,
        args: { TAG: tagName(tag), TOOL_VERSION: "3.13" },
        labels: { team: "bench" },
        ...(parent && { contexts: { parent: `target:${targetName(parent, tag)}` } }),
      };
    }
  }
  await write(
    join(directory, "hive.yml"),
    `platforms: [${platforms.join(", ")}]\nlabels: { custom: { team: bench } }\n`,
  );
  const group = { default: { targets: Object.keys(targets) } };
  await write(join(directory, "docker-bake.json"), JSON.stringify({ group, target: targets }));
}

function imageName(index: number): string {
  return `image-${String(index).padStart(3, "0")}`;
}

function tagName(tag: number): string {
  return `1.${tag}.0`;
}

function targetName(image: string, tag: number): string {
  return `${image}-${tag}`;
}

function imageFile(name: string, tags: readonly string[]): string {
  const list = tags.map((tag) => `  - name: ${tag}\n    build_args: { TAG: ${tag} }\n`);
  return `description: ${name}\nversions: { tool: 3.13 }\ntags:\n${list.join("")}`;
}

function dockerfile(parent: string | undefined): string {
  return `ARG TAG
FROM ${parent ?? "scratch"}
ARG TAG
ARG TOOL_VERSION
LABEL tag=$TAG tool=$TOOL_VERSION
COPY rootfs/ /
`;
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await Bun.write(path, text);
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      images: { type: "string", default: "200" },
      tags: { type: "string", default: "3" },
      platforms: { type: "string", default: "linux/amd64,linux/arm64" },
    },
  });
  const [directory] = positionals;
  if (directory === undefined) throw new Error("Name the directory to write the project to");
  const shape = {
    images: Number(values.images),
    tags: Number(values.tags),
    platforms: values.platforms.split(","),
  };
  await generateMatrix(resolve(directory), shape, "matrix");
}
