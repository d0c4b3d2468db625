import { expect, test } from "bun:test";
import { projectDirectory } from "../support/project-directory.ts";
import { runHive } from "../support/run-hive.ts";

test("named contexts are images of the project and directories, in each tag those of the tag", async () => {
  await using project = await projectDirectory({
    "images/other/image.yml": 'tags: [{ name: "1" }]\n',
    "images/other/Dockerfile": "FROM __hive__/base:1.0\nRUN echo of-other > /word\n",
    "images/app/image.yml": [
      "contexts: { alpine: __hive__/base:1.0, sources: ../sources }",
      'tags: [{ name: "1" }, { name: "2", contexts: { alpine: __hive__/other:1 } }]',
      "",
    ].join("\n"),
    "images/app/Dockerfile":
      // Something new, so that the daemon has no step of it and all of them print.
      `FROM docker.io/library/alpine:latest\nCOPY --from=sources file /file\nRUN cat /file && cat /word 2>/dev/null || true # ${crypto.randomUUID()}\n`,
    "images/sources/file": "one\n",
  });
  const logOf = async (tag: string): Promise<string[]> => {
    const { stderr, exitCode } = await runHive(["build", `app:${tag}`, "--progress=plain"], {
      cwd: project.path,
    });
    if (exitCode !== 0) throw new Error(stderr);
    return [...stderr.matchAll(/\] (one|two|of-other)$/gm)].map(([, word = ""]) => word);
  };
  expect(await logOf("1")).toEqual(["one"]);
  expect(await logOf("2")).toEqual(["one", "of-other"]);
  await project.write("images/sources/file", "two\n");
  expect(await logOf("2")).toEqual(["two", "of-other"]);
});
