import { describe, expect, test } from "bun:test";
import { isTooOld, releaseFor } from "../../../src/daemon/release/release.ts";
import { releaseSource } from "../../../src/daemon/release/release-checksum.ts";

const linux = { platform: "linux", arch: "x64" } as const;

describe("releaseFor()", () => {
  test("names the archive, and knows the default version's checksums", () => {
    expect(releaseFor("v0.32.2", linux)).toMatchObject({
      asset: "buildkit-v0.32.2.linux-amd64.tar.gz",
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(releaseFor("v0.32.2", { platform: "linux", arch: "arm64" })).toMatchObject({
      asset: "buildkit-v0.32.2.linux-arm64.tar.gz",
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(releaseFor("v0.1.2", linux)?.checksum).toBeUndefined();
  });

  test("there is none but for Linux, and for two architectures", () => {
    expect(releaseFor("v0.32.2", { platform: "darwin", arch: "arm64" })).toBeUndefined();
    expect(releaseFor("v0.32.2", { platform: "linux", arch: "ia32" })).toBeUndefined();
  });
});

describe("releaseSource()", () => {
  const release = releaseFor("v0.1.2", linux);
  if (release === undefined) throw new Error("no release");
  const hex = "ab".repeat(32);

  test("is the project's own: the forge says what the checksum of the asset is", () => {
    const { url, checksumUrl, readChecksum } = releaseSource(release, undefined);
    expect(url).toBe(
      "https://github.com/moby/buildkit/releases/download/v0.1.2/buildkit-v0.1.2.linux-amd64.tar.gz",
    );
    expect(checksumUrl).toBe("https://api.github.com/repos/moby/buildkit/releases/tags/v0.1.2");
    const answer = (asset: object): string => JSON.stringify({ assets: [{ name: "x" }, asset] });
    const name = "buildkit-v0.1.2.linux-amd64.tar.gz";
    expect(readChecksum(answer({ name, digest: `sha256:${hex}` }))).toBe(hex);
    expect(readChecksum(answer({ name }))).toBeUndefined();
    expect(readChecksum(answer({ name, digest: `md5:${hex}` }))).toBeUndefined();
    expect(readChecksum(answer({ name: "y", digest: `sha256:${hex}` }))).toBeUndefined();
    expect(readChecksum("<html>")).toBeUndefined();
    expect(readChecksum("null")).toBeUndefined();
  });

  test("is a mirror, with a file beside the archive", () => {
    const { url, checksumUrl, readChecksum } = releaseSource(release, "https://mirror.test/bk/");
    expect(url).toBe("https://mirror.test/bk/v0.1.2/buildkit-v0.1.2.linux-amd64.tar.gz");
    expect(checksumUrl).toBe(`${url}.sha256`);
    expect(readChecksum(`${hex.toUpperCase()}  some-file\n`)).toBe(hex);
    expect(readChecksum(`${hex}\n`)).toBe(hex);
    expect(readChecksum(`${hex}00`)).toBeUndefined();
    expect(readChecksum("not found")).toBeUndefined();
  });

  test.each([
    ["mirror.test/bk", "no https:// URL"],
    ["ftp://mirror.test/bk", "no https:// URL"],
    ["https://mirror.test/bk?token=1", "no https:// URL"],
    ["http://mirror.test/bk", "not https"],
    ["https://user:password@mirror.test/bk", "password"],
  ])("does not take %s", (mirror, reason) => {
    expect(() => releaseSource(release, mirror)).toThrow(reason);
  });
});

test("isTooOld() draws the line at the first release that holds its steps", () => {
  const old = ["v0.0.1", "v0.9.99", "v0.12.4", "v0.12.5-rc1"];
  const good = ["v0.12.5", "v0.13.0-beta1", "v0.32.2", "v1.0.0"];
  expect(old.filter((version) => !isTooOld(version))).toEqual([]);
  expect(good.filter(isTooOld)).toEqual([]);
});
