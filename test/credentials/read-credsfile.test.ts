import { describe, expect, test } from "bun:test";
import { chmod, lchown, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { readCredsfile } from "../../src/credentials/read-credsfile.ts";
import { rejection } from "../support/rejection.ts";
import { run } from "../support/run.ts";
import { tempDirectory } from "../support/temp-directory.ts";

async function read(text: string, mode = 0o600): ReturnType<typeof readCredsfile> {
  await using directory = await tempDirectory();
  const path = join(directory.path, "creds");
  await Bun.write(path, text);
  await chmod(path, mode);
  return await readCredsfile(path);
}

const password = { username: "me", secret: "p" };

describe("readCredsfile()", () => {
  test.each([
    ["lines", "HIVE_REGISTRY_USER=me\nHIVE_REGISTRY_PASSWORD=p\n", password],
    ["lines of Windows", "\uFEFFHIVE_REGISTRY_USER=me\r\nHIVE_REGISTRY_PASSWORD=p\r\n", password],
    [
      "exports, comments, quotes and others' keys",
      `# of CI\n\nOTHER=x\n  export HIVE_REGISTRY_USER='me' # who\nHIVE_REGISTRY_PASSWORD="p"`,
      password,
    ],
    [
      "signs in a value as they are",
      "HIVE_REGISTRY_USER=me\nHIVE_REGISTRY_PASSWORD=a#b$HOME=`c`'d # comment",
      { username: "me", secret: "a#b$HOME=`c`'d" },
    ],
    [
      "quotes in quotes",
      `HIVE_REGISTRY_USER=me\nHIVE_REGISTRY_PASSWORD="a\\"b\\\\ #c"`,
      { username: "me", secret: `a"b\\ #c` },
    ],
    [
      "the token first",
      "HIVE_REGISTRY_USER=me\nHIVE_REGISTRY_PASSWORD=p\nHIVE_REGISTRY_TOKEN=t",
      { bearer: "t" },
    ],
    ["the last of a name", "HIVE_REGISTRY_TOKEN=a\nHIVE_REGISTRY_TOKEN=b", { bearer: "b" }],
  ])("reads %s", async (_, text, expected) => {
    expect(await read(text)).toEqual(expected);
  });

  test.each([
    ["HIVE_REGISTRY_TOKEN", /line 1 .*no KEY=value/],
    ["# x\ns3cret", /line 2 /],
    [`HIVE_REGISTRY_TOKEN="s3cret`, /line 1 /],
    [`HIVE_REGISTRY_TOKEN='s3cret' s3cret`, /line 1 /],
    ["HIVE_REGISTRY_USER=s3cret", /but not HIVE_REGISTRY_PASSWORD/],
    ["HIVE_REGISTRY_PASSWORD=s3cret", /but not HIVE_REGISTRY_USER/],
    ["HIVE_REGISTRY_TOKEN=a s3cret", /no token/],
    ["HIVE_REGISTRY_USER=a:s3cret\nHIVE_REGISTRY_PASSWORD=s3cret", /HIVE_REGISTRY_USER/],
    ["HIVE_REGISTRY_TOKEN=\nPASSWORD=s3cret", /no credential/],
    ["", /no credential/],
    [`#${"s3cret".repeat(20_000)}`, /too long/],
  ])("refuses %j, without showing it", async (text, message) => {
    const error = await rejection(read(text));
    expect(error).toMatchObject({ kind: "usage", message: expect.stringMatching(message) });
    expect(Bun.inspect(error)).not.toContain("s3cret");
  });

  test.each([0o640, 0o604, 0o620, 0o644, 0o601])("refuses a file of mode %o", async (mode) => {
    const error = await rejection(read("HIVE_REGISTRY_TOKEN=s3cret", mode));
    expect(error).toMatchObject({ kind: "usage", hint: expect.stringContaining("chmod 600") });
  });

  test("follows a link that nobody else made, to a file that is looked at all the same", async () => {
    await using directory = await tempDirectory();
    const [file, link] = ["file", "link"].map((name) => join(directory.path, name)) as [
      string,
      string,
    ];
    await Bun.write(file, "HIVE_REGISTRY_TOKEN=t");
    await symlink(file, link);
    await chmod(file, 0o600);
    expect(await readCredsfile(link)).toEqual({ bearer: "t" });
    await lchown(link, 12_345, 12_345);
    expect(await rejection(readCredsfile(link))).toMatchObject({
      message: expect.stringContaining("another user"),
    });
    await lchown(link, 0, 0);
    await chmod(file, 0o644);
    expect(await rejection(readCredsfile(link))).toMatchObject({
      message: expect.stringContaining("others"),
    });
  });

  test("waits for no pipe, and reads no directory", async () => {
    await using directory = await tempDirectory();
    const pipe = join(directory.path, "pipe");
    await run(["mkfifo", "-m", "600", pipe]);
    const other = join(directory.path, "directory");
    await mkdir(other);
    for (const path of [pipe, other, "/dev/zero"]) {
      expect(await rejection(readCredsfile(path))).toMatchObject({
        kind: "usage",
        message: expect.stringContaining("no regular file"),
      });
    }
    expect(await rejection(readCredsfile(join(directory.path, "none")))).toMatchObject({
      kind: "usage",
      message: expect.stringContaining("there is no such file"),
    });
  });
});
