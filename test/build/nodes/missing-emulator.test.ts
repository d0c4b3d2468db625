import { expect, test } from "bun:test";
import { missingEmulator } from "../../../src/build/nodes/missing-emulator.ts";
import { parsePlatform } from "../../../src/oci/platform.ts";
import { sampleTarget } from "../sample-target.ts";

const runnable = ["linux/amd64", "linux/386"].map(parsePlatform);

/** The line of the step that needs an emulator, for an arm64 target. */
const cases: readonly (readonly [string, string, number | undefined])[] = [
  ["only copies", "FROM scratch\nCOPY a /\n", undefined],
  ["runs something", "FROM scratch\nCOPY a /\nRUN x\n", 3],
  ["runs something over lines", "# c\nFROM scratch\nRUN <<E\nx\nE\nRUN y\n", 3],
  [
    "runs on the daemon's",
    "FROM --platform=$BUILDPLATFORM a AS b\nRUN x\nFROM scratch\nCOPY --from=b / /\n",
    undefined,
  ],
  ["runs on the daemon's, in braces", "FROM --platform=${BUILDPLATFORM} a\nRUN x\n", undefined],
  ["runs on one that is named", "FROM --platform=linux/386 a\nRUN x\n", undefined],
  [
    "runs on a stage on the daemon's",
    "FROM --platform=$BUILDPLATFORM a AS B\nFROM b AS c\nRUN x\n",
    undefined,
  ],
  [
    "runs on its own after the daemon's",
    "FROM --platform=$BUILDPLATFORM a AS b\nRUN x\nFROM a\nRUN y\n",
    4,
  ],
  ["names its own", "FROM --platform=$TARGETPLATFORM a\nRUN x\n", 2],
  ["holds back for others", "FROM a\nONBUILD RUN x\n", undefined],
];

for (const [name, text, line] of cases) {
  test(`missingEmulator() of a Dockerfile that ${name}`, () => {
    const target = sampleTarget("app", {
      platform: parsePlatform("arm64"),
      dockerfile: { file: "images/app/Dockerfile", text },
    });
    expect(missingEmulator(target, runnable)?.line).toBe(line);
    expect(missingEmulator(target, [...runnable, parsePlatform("arm64")])).toBeUndefined();
    expect(
      missingEmulator({ ...target, platform: parsePlatform("amd64") }, runnable),
    ).toBeUndefined();
  });
}

test("missingEmulator() names the line of the template, the platform and the package", () => {
  const target = sampleTarget("app", {
    platform: parsePlatform("s390x"),
    dockerfile: { file: "Dockerfile.gotpl", text: "FROM a\nRUN x\n", lines: [1, 7] },
  });
  expect(missingEmulator(target, runnable)).toEqual({
    line: 7,
    message: expect.stringMatching(/linux\/s390x .*qemu-user-static/),
  });
});
