import { describe, expect, test } from "bun:test";
import { readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createAccessLog } from "../../../src/server/access-log/access-log.ts";
import { type LoggedRequest, logLine } from "../../../src/server/access-log/log-line.ts";
import { createRotatingFile } from "../../../src/server/access-log/rotating-file.ts";
import { smallDisk } from "../../support/small-disk.ts";
import { tempDirectory } from "../../support/temp-directory.ts";
import { waitUntil } from "../../support/wait-until.ts";

const plain: LoggedRequest = {
  time: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
  address: "192.0.2.7",
  user: undefined,
  method: "GET",
  url: "http://registry.test/v2/team/app/manifests/1.0",
  path: "/v2/team/app/manifests/1.0",
  status: 200,
  received: 0,
  sent: 512,
  duration: 1.23456,
  userAgent: "docker/28",
  errorCode: undefined,
  route: { kind: "manifest", repository: "team/app", reference: { tag: "1.0" } },
};

const parsed = (request: Partial<LoggedRequest>): Record<string, unknown> =>
  JSON.parse(logLine({ ...plain, ...request })) as Record<string, unknown>;

describe("logLine()", () => {
  test("says who asked what, and how it went", () => {
    expect(parsed({})).toEqual({
      time: "2026-01-02T03:04:05.006Z",
      address: "192.0.2.7",
      method: "GET",
      path: "/v2/team/app/manifests/1.0",
      status: 200,
      received: 0,
      sent: 512,
      ms: 1.235,
      userAgent: "docker/28",
      repository: "team/app",
      tag: "1.0",
    });
  });

  test("keeps of a query what has a meaning, and cuts it", () => {
    const url = `http://h/v2/a/tags/list?token=secret&n=5&last=${"x".repeat(300)}&tag=a&tag=b&password=p`;
    const line = parsed({ url, path: "/v2/a/tags/list", route: undefined });
    expect(line["query"]).toEqual({ n: "5", last: `${"x".repeat(256)}…`, tag: ["a", "b"] });
    expect(JSON.stringify(line)).not.toMatch(/secret|password/);
    expect(parsed({ url: "http://h/v2/?a=1" })["query"]).toBeUndefined();
    expect(parsed({ url: `http://h/v2/?${"tag=x&".repeat(10_000)}` })["query"]).toEqual({
      tag: Array.from({ length: 16 }, () => "x"),
    });
  });

  test.each([
    ["\n", "\\n"],
    ['","admin":true,"x":"', '\\"admin\\"'],
    ["\u001b[31m", "\\u001b[31m"],
    ["\u009b31m", "\\u009b31m"],
    ["\u2028{}", "\\u2028{}"],
    ["\u202egnp.exe", "\\u202egnp"],
    ["\ud800", "\\ud800"],
  ])("escapes %j in whatever a client sends", (text, escaped) => {
    const line = logLine({
      ...plain,
      user: text,
      userAgent: text,
      path: text,
      url: `http://h/?tag=${encodeURIComponent(text.toWellFormed())}`,
    });
    expect(line).toEndWith("}\n");
    expect(line.slice(0, -1)).not.toMatch(/[^\x20-\x7e\u2026\ufffd]/);
    expect(line).toContain(escaped);
    expect(Object.keys(JSON.parse(line) as object)).not.toContain("admin");
  });

  test("cuts a long path, user and user agent", () => {
    const long = "a".repeat(100_000);
    expect(logLine({ ...plain, path: long, user: long, userAgent: long }).length).toBeLessThan(
      2000,
    );
  });
});

describe("createAccessLog()", () => {
  test("writes whole lines soon, and the rest when it ends", async () => {
    const written: string[] = [];
    {
      await using log = createAccessLog({
        write: async (lines) => void written.push(lines),
        interval: 5,
      });
      log.add(plain);
      log.add(plain);
      await waitUntil("the lines are written", 5000, () => written[0]);
      expect(written).toEqual([logLine(plain).repeat(2)]);
      log.add({ ...plain, method: "PUT" });
    }
    expect(written.join("")).toEndWith(logLine({ ...plain, method: "PUT" }));
  });

  test("drops and counts what a slow disk does not take, and waits for nobody", async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const begun = Promise.withResolvers<undefined>();
    const written: string[] = [];
    const line = logLine(plain);
    await using log = createAccessLog({
      write: async (lines) => {
        begun.resolve(undefined);
        await promise;
        written.push(lines);
      },
      interval: 1,
      bufferSize: 10 * line.length,
    });
    log.add(plain);
    await begun.promise;
    for (let i = 0; i < 25; i++) log.add(plain);
    expect(log.dropped).toBe(15);
    resolve(undefined);
    await waitUntil("all that waited is written", 5000, () => written[1]);
    expect(written.join("").length).toBe(11 * line.length);
  });

  test("counts what can't be written, says so once, and goes on when it can", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "gone", "access.log");
    const errors: Error[] = [];
    await using log = createAccessLog({
      write: createRotatingFile({ path }),
      interval: 1,
      onError: (error) => errors.push(error),
    });
    for (let i = 1; i <= 3; i++) {
      log.add(plain);
      await waitUntil("the line is dropped", 5000, () => (log.dropped === i ? true : undefined));
    }
    expect(errors).toHaveLength(1);
    await Bun.write(join(directory.path, "gone", "x"), "");
    log.add(plain);
    await waitUntil("the line is written", 5000, () =>
      readFile(path, "utf8").catch(() => undefined),
    );
    expect(log.dropped).toBe(3);
  });
});

describe("createRotatingFile()", () => {
  test("puts a full file aside and keeps as many as told", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "access.log");
    const write = createRotatingFile({ path, maxSize: 10, keep: 2 });
    for (const text of ["11111\n", "2222222222222\n", "3\n", "4\n", "555555\n", "6\n"])
      await write(text);
    const files = (await readdir(directory.path)).toSorted();
    const contents = await Promise.all(
      files.map((name) => readFile(join(directory.path, name), "utf8")),
    );
    expect(Object.fromEntries(files.map((name, index) => [name, contents[index]]))).toEqual({
      "access.log": "555555\n6\n",
      "access.log.1": "3\n4\n",
      "access.log.2": "2222222222222\n",
    });
    expect((await stat(path)).mode & 0o007).toBe(0);
  });

  test("begins again when somebody moves the file away", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "access.log");
    const write = createRotatingFile({ path });
    await write("1\n");
    await rename(path, `${path}-old`);
    await write("2\n");
    expect(await readFile(path, "utf8")).toBe("2\n");
  });

  test("takes back what did not fit on a full disk, and goes on when there is room", async () => {
    await using disk = await smallDisk();
    const path = join(disk.path, "access.log");
    const write = createRotatingFile({ path });
    await write("first\n");
    await writeFile(join(disk.path, "filler"), new Uint8Array(1024 * 1024));
    expect(await write("x".repeat(2 * 1024 * 1024)).catch((error: unknown) => error)).toMatchObject(
      { code: "ENOSPC" },
    );
    await write("second\n");
    expect(await readFile(path, "utf8")).toBe("first\nsecond\n");
  });

  test("keeps nothing when told so", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "access.log");
    const write = createRotatingFile({ path, maxSize: 2, keep: 0 });
    await write("1\n");
    await write("2\n");
    expect(await readdir(directory.path)).toEqual(["access.log"]);
    expect(await readFile(path, "utf8")).toBe("2\n");
  });
});
