import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { projectDirectory } from "./project-directory.ts";

test("projectDirectory() writes texts, modes and links beside the base image, and removes them", async () => {
  let root = "";
  {
    await using project = await projectDirectory({
      "images/app/Dockerfile": "FROM __hive__/base:1.0\n",
      "images/app/run.sh": { content: "#!/bin/sh\n", mode: 0o755 },
      "images/app/link": { symlink: "run.sh" },
    });
    root = project.path;
    expect(await Bun.file(join(root, "images/app/Dockerfile")).text()).toContain("base:1.0");
    expect((await stat(join(root, "images/app/run.sh"))).mode & 0o777).toBe(0o755);
    expect(await readlink(join(root, "images/app/link"))).toBe("run.sh");
    expect((await stat(join(root, "images/base/busybox"))).mode & 0o777).toBe(0o755);
    await project.write("hive.yml", "platforms: [linux/amd64]\n");
    expect(await Bun.file(join(root, "hive.yml")).text()).toStartWith("platforms");
  }
  expect(existsSync(root)).toBe(false);
});
