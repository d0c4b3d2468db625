import { describe, expect, test } from "bun:test";
import { type ProjectFile, projectDirectory } from "../support/project-directory.ts";
import { runHive } from "../support/run-hive.ts";

type Case = {
  readonly name: string;
  readonly files: Record<string, ProjectFile>;
  readonly args?: string[];
  readonly exitCode: number;
  /** In this order on stderr. */
  readonly says: string[];
};

const app = (dockerfile: string, image = `tags: [{ name: "1" }]\n`): Record<string, string> => ({
  "images/app/image.yml": image,
  "images/app/Dockerfile": dockerfile,
});

const cases: Case[] = [
  {
    name: "an unknown image, with its place and the nearest name",
    files: app("FROM __hive__/bsae:1.0\n"),
    exitCode: 2,
    says: ["bsae", "images/app/Dockerfile:1:6", "FROM __hive__/bsae:1.0", "base"],
  },
  {
    name: "an unknown tag, with the tags there are",
    files: app("FROM scratch\nCOPY --from=__hive__/base:1.1 / /\n"),
    exitCode: 2,
    says: ["1.1", "images/app/Dockerfile:2:13", "1.0"],
  },
  {
    name: "a missing platform, with the platforms there are",
    files: app("FROM --platform=linux/s390x __hive__/base:1.0\n"),
    exitCode: 2,
    says: ["linux/s390x", "images/app/Dockerfile:1", "linux/amd64"],
  },
  {
    name: "a cycle, with its path and lines",
    files: {
      ...app("FROM __hive__/other:1\n"),
      "images/other/image.yml": `tags: [{ name: "1" }]\n`,
      "images/other/Dockerfile": "FROM scratch\nCOPY --from=__hive__/app:1 / /\n",
    },
    exitCode: 2,
    says: [
      "Cycle: app:1 -> other:1 -> app:1",
      "images/app/Dockerfile:1:6",
      "images/other/Dockerfile:2:13",
    ],
  },
  {
    name: "bad YAML, with a frame",
    files: app("FROM scratch\n", "tags:\n  - name: [\n"),
    exitCode: 2,
    says: ["images/app/image.yml:", "^"],
  },
  {
    name: "an unknown key, with what was meant",
    files: app("FROM scratch\n", `tags: [{ name: "1" }]\nplatfroms: [arm64]\n`),
    exitCode: 2,
    says: ["platfroms", "images/app/image.yml:2:1", 'did you mean "platforms"?'],
  },
  {
    name: "a pattern that matches nothing",
    files: {},
    args: ["bsae"],
    exitCode: 2,
    says: ["bsae", "base"],
  },
  {
    name: "a failing RUN, with its last lines and its place",
    files: app("FROM __hive__/base:1.0\n\nRUN echo one && \\\n    echo the last words && exit 7\n"),
    exitCode: 1,
    says: ["the last words", "images/app/Dockerfile:3", "exit code: 7", "hive build app:1"],
  },
  {
    name: "a Dockerfile that does not parse, at its line",
    files: app("FROM __hive__/base:1.0\nRUNN true\n"),
    exitCode: 1,
    says: ["images/app/Dockerfile:2", "RUNN"],
  },
  {
    name: "a missing file of the context, at its line",
    files: app("FROM __hive__/base:1.0\nCOPY nothing /there\n"),
    exitCode: 1,
    says: ["nothing", "images/app/Dockerfile:2"],
  },
];

describe("hive build says what is wrong with", () => {
  test.each(cases)("$name", async ({ files, args = [], exitCode, says }) => {
    await using project = await projectDirectory(files);
    const result = await runHive(["build", "--progress=plain", ...args], {
      cwd: project.path,
      env: { NO_COLOR: "1" },
    });
    let from = 0;
    for (const text of says) {
      const at = result.stderr.indexOf(text, from);
      if (at === -1)
        throw new Error(`Not said in order: ${JSON.stringify(text)}. hive said:\n${result.stderr}`);
      from = at;
    }
    expect(result.exitCode).toBe(exitCode);
    expect(result.stderr).not.toContain("hive-dep");
    expect(result.stderr).not.toMatch(/\n\s+at .*\.ts:\d+/);
  });

  test("two branches: one failure never hides the other", async () => {
    await using project = await projectDirectory({
      ...app("FROM __hive__/base:1.0\nRUN sleep 1; echo app is broken; exit 3\n"),
      "images/other/image.yml": `tags: [{ name: "1" }]\n`,
      "images/other/Dockerfile":
        "FROM __hive__/base:1.0\nRUN sleep 1; echo other is broken; exit 4\n",
      "images/child/image.yml": `tags: [{ name: "1" }]\n`,
      "images/child/Dockerfile": "FROM __hive__/app:1\n",
    });
    const result = await runHive(["build", "--progress=plain"], { cwd: project.path });
    expect(result.exitCode).toBe(1);
    for (const text of ["app is broken", "other is broken", "exit code: 3", "exit code: 4"])
      expect(result.stderr).toContain(text);
    expect(result.stdout).toMatch(/child:1.*skipped/);
  });

  test("a directory without a project", async () => {
    const result = await runHive(["build"], { cwd: "/" });
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain("hive.yml");
  });
});
