import { expect, test } from "bun:test";
import { join } from "node:path";
import { projectDirectory } from "../support/project-directory.ts";
import { runHive } from "../support/run-hive.ts";
import { builtTargets } from "./build-json.ts";

/** Nothing runs on the foreign platform: COPY and labels need no emulator. */
const files = {
  "hive.yml": "platforms: [linux/amd64, arm64]\n",
  "images/base/image.yml": `tags: [{ name: "1.0", platforms: [linux/amd64] }]\n`,
  "images/data/image.yml": `tags: [{ name: "1" }]\n`,
  "images/data/Dockerfile": `FROM scratch\nARG TARGETARCH\nLABEL arch=$TARGETARCH\nCOPY data-* /\n`,
  "images/data/data-amd64": `for amd64 ${crypto.randomUUID()}\n`,
  "images/data/data-arm64": `for arm64 ${crypto.randomUUID()}\n`,
  "images/app/image.yml": `tags: [{ name: "1" }]\n`,
  "images/app/Dockerfile": `FROM --platform=$BUILDPLATFORM __hive__/base:1.0 AS tool
ARG TARGETARCH
COPY --from=__hive__/data:1 / /in
RUN mkdir /out && cp "/in/data-$TARGETARCH" /out/data
FROM __hive__/data:1
COPY --from=tool /out /
`,
};

test("each platform builds on its own parent, and a reference with several is an index", async () => {
  await using project = await projectDirectory(files);
  const result = await runHive(["build", "--json"], { cwd: project.path });
  const built = builtTargets(result).map(
    ({ reference, platform, status }) => `${reference} ${platform} ${status}`,
  );
  expect(built.toSorted()).toEqual([
    "app:1 linux/amd64 built",
    "app:1 linux/arm64 built",
    expect.stringMatching(/^base:1\.0 linux\/amd64 (built|cached)$/),
    "data:1 linux/amd64 built",
    "data:1 linux/arm64 built",
  ]);

  const list = JSON.parse((await runHive(["list", "--json"], { cwd: project.path })).stdout) as {
    reference: string;
    platforms: string[];
  }[];
  expect(
    Object.fromEntries(list.map(({ reference, platforms }) => [reference, platforms])),
  ).toEqual({
    "app:1": ["linux/amd64", "linux/arm64"],
    "base:1.0": ["linux/amd64"],
    "data:1": ["linux/amd64", "linux/arm64"],
  });

  for (const arch of ["amd64", "arm64"]) {
    const inspect = Bun.spawn(
      [
        "skopeo",
        "--override-arch",
        arch,
        "inspect",
        "--config",
        `oci:${join(project.path, ".hive")}:app:1`,
      ],
      { stdout: "pipe" },
    );
    const config = JSON.parse(await inspect.stdout.text()) as {
      architecture: string;
      config: { Labels: Record<string, string> };
    };
    expect([config.architecture, config.config.Labels["arch"]]).toEqual([arch, arch]);
  }
});

test("--platform builds only that platform, and export and load take one of several", async () => {
  await using project = await projectDirectory(files);
  const only = builtTargets(
    await runHive(["build", "data", "--platform=arm64", "--json"], { cwd: project.path }),
  );
  expect(only.map(({ reference, platform }) => `${reference} ${platform}`)).toEqual([
    "data:1 linux/arm64",
  ]);

  await runHive(["build", "data"], { cwd: project.path });
  const archive = join(project.path, "data.tar");
  const vague = await runHive(["export", "data:1", "--format=docker-archive", "-o", archive], {
    cwd: project.path,
  });
  expect([vague.exitCode, vague.stderr]).toEqual([2, expect.stringContaining("linux/arm64")]);
  const exact = await runHive(
    ["export", "data:1", "--format=docker-archive", "--platform=arm64", "-o", archive],
    { cwd: project.path },
  );
  expect([exact.exitCode, exact.stderr]).toEqual([0, expect.any(String)]);
  const none = await runHive(["export", "data:1", "--platform=s390x", "-o", archive], {
    cwd: project.path,
  });
  expect([none.exitCode, none.stderr]).toEqual([
    2,
    expect.stringContaining("linux/amd64, linux/arm64"),
  ]);
});

test("a platform that the daemon can't run is named when a step needs it", async () => {
  await using project = await projectDirectory({
    "images/base/image.yml": `tags: [{ name: "1.0" }]\nplatforms: [linux/s390x]\n`,
  });
  const result = await runHive(["build", "--progress=plain"], { cwd: project.path });
  // Where an emulator for it is installed it works; without one the failure says what is missing.
  if (result.exitCode !== 0)
    for (const text of [
      /linux\/s390x programs: install an emulator/,
      /warning: images\/base\/Dockerfile:3: BuildKit can't run linux\/s390x programs/,
    ])
      expect(result.stderr).toMatch(text);
  else expect(result.stdout).toContain("linux/s390x");
});
