import { expect, test } from "bun:test";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ProjectDirectory, projectDirectory } from "../support/project-directory.ts";
import { type HiveResult, runHive } from "../support/run-hive.ts";
import { statuses } from "./build-json.ts";

/** Images `app:1` and `app:2`, each with a file that no build had before, on the base of the project. */
async function apps(): Promise<ProjectDirectory & { readonly id: string }> {
  const id = crypto.randomUUID();
  const project = await projectDirectory({
    "images/app/image.yml": `tags: [{ name: "1" }, { name: "2" }]\n`,
    "images/app/Dockerfile": `FROM __hive__/base:1.0 AS base
RUN mkdir /out && echo ${id} >/out/id && ln -s id /out/link && chmod 750 /out/id
FROM scratch
COPY --from=base /out /\n`,
  });
  return { ...project, id };
}

const build = ({ path }: ProjectDirectory, ...args: string[]): Promise<HiveResult> =>
  runHive(["build", "--json", ...args], { cwd: path });

test("--output writes one image's files to a directory, built or unchanged, and the image to the store", async () => {
  await using project = await apps();
  const first = await build(project, "app:1", "--output", "out");
  expect(statuses(first)).toMatchObject({ "app:1": "built" });
  const out = join(project.path, "out");
  expect((await readdir(out)).toSorted()).toEqual(["id", "link"]);
  expect(await readFile(join(out, "link"), "utf8")).toBe(`${project.id}\n`);
  expect((await stat(join(out, "id"))).mode & 0o7777).toBe(0o750);
  await writeFile(join(out, "mine"), "mine");
  await writeFile(join(out, "id"), "changed");
  const second = await build(project, "app:1", "-o", "type=local,dest=out");
  expect(statuses(second)).toMatchObject({ "app:1": "unchanged" });
  expect(await readFile(join(out, "id"), "utf8")).toBe(`${project.id}\n`);
  expect(await readFile(join(out, "mine"), "utf8")).toBe("mine");
});

test("--output writes several images' files side by side, without those that they are built on", async () => {
  await using project = await apps();
  expect((await build(project, "app", "--output", "out")).exitCode).toBe(0);
  const out = join(project.path, "out");
  expect(await readdir(out)).toEqual(["app"]);
  const [platform = ""] = await readdir(join(out, "app/1"));
  expect(platform).toMatch(/^linux_[a-z0-9]+$/);
  for (const tag of ["1", "2"]) {
    expect(await readFile(join(out, "app", tag, platform, "id"), "utf8")).toBe(`${project.id}\n`);
  }
});

test("--output writes one image's files to a tar file, and refuses several", async () => {
  await using project = await apps();
  const path = join(project.path, "app.tar");
  const output = `type=tar,dest=${path}`;
  const several = await build(project, "app", "--output", output);
  expect(several.exitCode).toBe(2);
  expect(several.stderr).toContain("Cannot write 2 images to one tar file");
  expect((await build(project, "app:1", "--output", output)).exitCode).toBe(0);
  const tar = Bun.spawn(["tar", "-xOf", path, "id"], { stdout: "pipe" });
  expect(await tar.stdout.text()).toBe(`${project.id}\n`);
});

test("--output that can't be written fails the image with the reason", async () => {
  await using project = await apps();
  await mkdir(join(project.path, "out", "id"), { recursive: true });
  const built = await build(project, "app:1", "--output", "out");
  expect(built.exitCode).toBe(1);
  expect(built.stderr).toContain("a directory is there");
});

test.each([
  ["type=image,dest=x", '"image" is none of its types'],
  ["type=local", "it has no dest"],
  ["dest=x", "it has no type"],
  ["type=local,dest=x,mode=delete", '"mode=delete" means nothing here'],
  ["-", "it names no directory"],
])("--output=%s is a usage error", async (output, reason) => {
  await using project = await projectDirectory();
  const { exitCode, stderr } = await build(project, `--output=${output}`);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(`Cannot use --output=${output}: ${reason}`);
});
