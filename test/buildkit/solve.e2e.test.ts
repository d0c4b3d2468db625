import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { open, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HiveError } from "../../src/base/hive-error.ts";
import type { Buildkit } from "../../src/buildkit/connect-buildkit.ts";
import type { MemoryFile } from "../../src/buildkit/memory-tree.ts";
import type { FileTree } from "../../src/buildkit/file-tree.ts";
import type { StepEvent } from "../../src/buildkit/status/step-event.ts";
import { directoryTree } from "../support/directory-tree.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import {
  build,
  busybox,
  connectTestDaemon,
  failureOf,
  freshTree,
  shell,
  textFile,
} from "./build.ts";

let daemon: Buildkit;
let tools: Awaited<ReturnType<typeof busybox>>;

beforeAll(async () => {
  daemon = await connectTestDaemon();
  tools = await busybox();
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
});

/** The files below `/all` that a build with `COPY . /all` sees. */
async function copied(files: readonly MemoryFile[], ignore?: string): Promise<string[]> {
  const text = `${shell()}COPY . /all/\nRUN cd /all && find . -type f -o -type l | sort\n`;
  const { lines } = await build(daemon, {
    text,
    context: freshTree([tools, ...files]),
    ...(ignore !== undefined && {
      dockerfile: {
        name: "Dockerfile",
        bytes: new TextEncoder().encode(text),
        ignore: new TextEncoder().encode(ignore),
      },
    }),
  });
  return lines.filter((line) => line !== "./busybox");
}

function copyOf(events: readonly StepEvent[]): StepEvent | undefined {
  return events.find((event) => event.type === "done" && event.name.includes("COPY"));
}

describe("solve()", () => {
  test("builds an image from scratch and names its digests", async () => {
    const context = freshTree([textFile("hello", "hello")]);
    const { digest, configDigest, events } = await build(daemon, {
      text: "FROM scratch\nARG NAME\nCOPY hello /$NAME\n",
      context,
      buildArgs: { NAME: "world" },
      labels: { "org.example": "a=b" },
    });
    expect(digest).toStartWith("sha256:");
    expect(configDigest).toStartWith("sha256:");
    const done = events.filter((event) => event.type === "done").map(({ name }) => name);
    expect(done).toContain("[1/1] COPY hello /world");
    expect(done.toSorted()).toEqual([...new Set(done)].toSorted());
  });

  test("says of a step that it is cached when nothing changed", async () => {
    const text = "FROM scratch\nCOPY hello /cached\n";
    const context = freshTree([textFile("hello", crypto.randomUUID())]);
    const first = await build(daemon, { text, context });
    const second = await build(daemon, { text, context });
    expect(copyOf(first.events)).toMatchObject({ cached: false });
    expect(copyOf(second.events)).toMatchObject({ cached: true });
    expect(second.configDigest).toBe(first.configDigest);
  });

  test("ignores # syntax=docker/dockerfile:1, so that it needs no network", async () => {
    const text = "# syntax=docker/dockerfile:1\nFROM scratch\nCOPY hello /\n";
    const { digest } = await build(daemon, { text, context: freshTree([textFile("hello", "")]) });
    expect(digest).toStartWith("sha256:");
  });

  test("fails with exit code, log and the place in the Dockerfile", async () => {
    const text = `${shell()}# comment\nRUN echo before && \\\n  echo problem >&2 && \\\n  exit 42\n`;
    const events: StepEvent[] = [];
    const building = build(
      daemon,
      { text, context: freshTree([tools]) },
      { onStatus: (event) => events.push(event) },
    );
    const error = await failureOf(building);
    expect(error.kind).toBe("failed");
    expect(error.exitCode).toBe(42);
    expect(error.message).toEndWith("did not complete successfully: exit code: 42");
    const [source] = error.sources;
    expect(source?.filename).toBe("Dockerfile");
    expect(new TextDecoder().decode(source?.data)).toBe(text);
    expect(source?.ranges).toEqual([{ start: 5, end: 7 }]);
    const done = events.find((event) => event.type === "done" && event.error !== undefined);
    expect(done).toMatchObject({ step: error.step, canceled: false });
    const logs = events.filter((event) => event.type === "log");
    expect(logs.toSorted((a, b) => a.stream - b.stream)).toEqual([
      { type: "log", step: error.step ?? "", stream: 1, text: "before" },
      { type: "log", step: error.step ?? "", stream: 2, text: "problem" },
    ]);
  });

  test("reports the step that failed, not those that were canceled for it", async () => {
    const first = shell();
    const text = `${first.replace("scratch", "scratch AS slow")}RUN sleep 60 && touch /slow
${first.replace("scratch", "scratch AS broken")}RUN sleep 1; exit 7
FROM scratch\nCOPY --from=slow /slow /\nCOPY --from=broken /slow /\n`;
    const error = await failureOf(build(daemon, { text, context: freshTree([tools]) }));
    expect(error).toMatchObject({ kind: "failed", exitCode: 7 });
    expect(error.sources[0]?.ranges).toEqual([{ start: 8, end: 8 }]);
  }, 20_000);

  test("fails at a Dockerfile that can't be parsed with its line", async () => {
    const error = await failureOf(build(daemon, { text: "FROM scratch\nCPOY a b\n" }));
    expect(error.message).toContain("unknown instruction: CPOY");
    expect(error.sources[0]?.ranges).toEqual([{ start: 2, end: 2 }]);
  });

  test("fails with the daemon's word for an exporter that it doesn't have, without waiting", async () => {
    const started = performance.now();
    const request = { text: "FROM scratch\n", exporter: { type: "teleport", attrs: {} } };
    const error = await failureOf(build(daemon, request));
    expect(error.message).toContain('exporter "teleport" could not be found');
    expect(performance.now() - started).toBeLessThan(3000);
  });

  test("tells warnings with their line", async () => {
    const text = "FROM scratch as base\nCOPY hello /\n";
    const { events } = await build(daemon, { text, context: freshTree([textFile("hello", "")]) });
    expect(events.find((event) => event.type === "warning")).toMatchObject({
      message: expect.stringContaining("FromAsCasing"),
      file: "Dockerfile",
      line: 1,
    });
  });

  test("honours .dockerignore with negations", async () => {
    const files = ["a/keep.md", "a/drop.txt", "b/c/keep.md", "secret.md", "node_modules/x/y.js"];
    const ignore = "**\n!**/*.md\n!busybox\nsecret.md\n";
    const found = await copied([
      ...files.map((path) => textFile(path, path)),
      textFile(".dockerignore", ignore),
    ]);
    expect(found).toEqual(["./a/keep.md", "./b/c/keep.md"]);
  });

  test("prefers the Dockerfile's own ignore file", async () => {
    const files = [textFile("a", ""), textFile("b", ""), textFile(".dockerignore", "a\n")];
    expect(await copied(files, "b\n.dockerignore\n")).toEqual(["./a"]);
  });

  test("takes 500 patterns, with commas and spaces in them", async () => {
    const names = Array.from({ length: 500 }, (_, index) => `drop, ${index} %41+`);
    const files = [...names, "keep, 1"].map((path) => textFile(path, ""));
    const ignore = textFile(".dockerignore", `${names.join("\n")}\n.dockerignore\n`);
    expect(await copied([...files, ignore])).toEqual(["./keep, 1"]);
  });

  test("sends and ignores names that aren't ASCII", async () => {
    const names = ["grün", "naïve/😀", "日本 語"];
    const files = [...names, "häßlich, + %20"].map((path) => textFile(path, path));
    const ignore = textFile(".dockerignore", "häßlich, + %20\n.dockerignore\n");
    expect(await copied([...files, ignore])).toEqual(names.map((name) => `./${name}`).toSorted());
  });

  test("copies a single file through symlinks", async () => {
    await using root = await tempDirectory();
    await Bun.write(join(root.path, "real/dir/file"), "found");
    await writeFile(join(root.path, "busybox"), tools.bytes, { mode: 0o755 });
    await symlink("real/dir", join(root.path, "link"));
    await symlink("/link/file", join(root.path, "absolute"));
    const { lines } = await build(daemon, {
      text: `${shell()}COPY absolute /one\nCOPY link/f* /two\nRUN cat /one /two\n`,
      context: directoryTree(root.path),
    });
    expect(lines).toEqual(["foundfound"]);
  });

  test("keeps modes, symlinks and empty directories", async () => {
    const { lines } = await build(daemon, {
      text: `${shell()}COPY . /all/\nRUN cd /all && stat -c '%a %F %n' script link empty && readlink link\n`,
      context: freshTree([
        tools,
        { ...textFile("script", "#!/bin/sh\n"), mode: 0o4751 },
        { path: "link", linkname: "script" },
        textFile("empty/file", ""),
        textFile(".dockerignore", "empty/file\n"),
      ]),
    });
    expect(lines).toEqual([
      "4751 regular file script",
      "777 symbolic link link",
      "755 directory empty",
      "script",
    ]);
  });

  test("sends 3,000 small files", async () => {
    await using root = await tempDirectory();
    const names = Array.from(
      { length: 3000 },
      (_, index) => `d${index % 30}/s${index % 7}/${index}`,
    );
    for (const name of names) await Bun.write(join(root.path, name), name);
    await writeFile(join(root.path, "busybox"), tools.bytes, { mode: 0o755 });
    const { lines } = await build(daemon, {
      text: `${shell()}COPY . /all/\nRUN cd /all && find d* -type f | sort | xargs cat | sha256sum\n`,
      context: directoryTree(root.path),
    });
    const expected = names
      .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .join("");
    expect(lines).toEqual([`${createHash("sha256").update(expected).digest("hex")}  -`]);
  }, 60_000);

  test("sends 200 MiB unharmed", async () => {
    await using root = await tempDirectory();
    await writeFile(join(root.path, "busybox"), tools.bytes, { mode: 0o755 });
    const hash = createHash("sha256");
    const file = await open(join(root.path, "large"), "w");
    for (let count = 0; count < 200; count++) {
      const chunk = crypto.getRandomValues(new Uint8Array(65_536));
      for (let part = 0; part < 16; part++) {
        chunk[0] = part;
        hash.update(chunk);
        await file.write(chunk);
      }
    }
    await file.close();
    const { lines } = await build(daemon, {
      text: `${shell()}COPY large /large\nRUN sha256sum /large\n`,
      context: directoryTree(root.path),
    });
    expect(lines).toEqual([`${hash.digest("hex")}  /large`]);
  }, 120_000);

  test("fails with the cause of credentials that can't be had", async () => {
    using server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () =>
        new Response("", { status: 401, headers: { "WWW-Authenticate": 'Basic realm="x"' } }),
    });
    const building = build(daemon, {
      text: `FROM 127.0.0.1:${server.port}/private:1\n`,
      credentials: async () => {
        throw new HiveError("usage", "The helper docker-credential-x is missing");
      },
    });
    const error: unknown = await building.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ message: "The helper docker-credential-x is missing" });
  });

  test("fails with our own reason when a file can't be read", async () => {
    const tree = freshTree([textFile("file", "x")]);
    const failing: FileTree = {
      ...tree,
      list: async () => {
        throw new Error("the disk is on fire");
      },
    };
    const building = build(daemon, { text: "FROM scratch\nCOPY . /\n", context: failing });
    expect((await failureOf(building)).message).toContain("the disk is on fire");
  });

  test("resolves a named context", async () => {
    const error = await failureOf(
      build(daemon, {
        text: "FROM hive/base:1.0\n",
        namedContexts: { "hive/base:1.0": "docker-image://127.0.0.1:1/nothing:here" },
      }),
    );
    expect(error.message).toContain("127.0.0.1:1/nothing:here");
  });
});
