import { describe, expect, test } from "bun:test";
import { createStepRecord } from "../../../src/build/target/step-record.ts";
import { targetFailure } from "../../../src/build/target/target-failure.ts";
import { HiveError } from "../../../src/base/hive-error.ts";
import { BuildkitError } from "../../../src/buildkit/buildkit-error.ts";
import { sampleTarget } from "../sample-target.ts";

const text = "FROM __hive__/base:1\nRUN make\n";
const target = sampleTarget("app", { dockerfile: { file: "images/app/Dockerfile", text } });

describe("targetFailure()", () => {
  test("names step, place and message in the words of the user's Dockerfile", () => {
    const steps = createStepRecord();
    steps.push({ type: "started", step: "a", name: "[stage 1/1] COPY --from=hive-dep/base:1 / /" });
    steps.push({ type: "log", step: "a", stream: 2, text: "no rule" });
    const error = new BuildkitError(
      "failed",
      'process "/bin/sh -c make" did not complete successfully: exit code: 2',
      {
        step: "a",
        exitCode: 2,
        sources: [
          { filename: "Dockerfile", data: new Uint8Array(), ranges: [{ start: 2, end: 2 }] },
        ],
      },
    );
    expect(targetFailure(target, error, steps, 7)).toEqual({
      type: "target.failed",
      target: target.id,
      duration: 7,
      message: "exit code: 2",
      canceled: false,
      step: { name: "[stage 1/1] COPY --from=__hive__/base:1 / /", log: ["no rule"] },
      source: { file: "images/app/Dockerfile", line: 2, endLine: 2, text },
    });
  });

  test.each([
    [
      'failed to compute cache key: failed to calculate checksum of ref a::b: "/x": not found',
      '"/x": not found',
    ],
    [
      "r.test/a:1: failed to resolve source metadata for r.test/a:1: r.test/a:1: not found",
      "r.test/a:1: not found",
    ],
    ["r.test/a:1: failed to resolve source metadata for r.test/a:1: EOF", "r.test/a:1: EOF"],
  ])("leaves out of %p how the daemon came upon it", (said, message) => {
    const steps = createStepRecord();
    steps.push({ type: "started", step: "a", name: "[1/1] COPY x /" });
    const error = new BuildkitError("failed", said, { step: "a" });
    expect(targetFailure(target, error, steps, 1).message).toBe(message);
  });

  test("names the template's line where the Dockerfile was rendered", () => {
    const rendered = sampleTarget("app", {
      dockerfile: { file: "images/app/Dockerfile.gotpl", text, lines: [1, 7] },
    });
    const sources = [
      { filename: "Dockerfile", data: new Uint8Array(), ranges: [{ start: 2, end: 2 }] },
    ];
    const error = new BuildkitError("failed", "exit code: 2", { sources });
    expect(targetFailure(rendered, error, createStepRecord(), 7).source).toEqual({
      file: "images/app/Dockerfile.gotpl",
      line: 2,
      endLine: 2,
      text,
      templateLine: 7,
    });
  });

  test("keeps the whole message where no step is known, and tells a cancel", () => {
    const error = new BuildkitError("canceled", "The build was canceled");
    expect(targetFailure(target, error, createStepRecord(), 1)).toMatchObject({
      message: "The build was canceled",
      canceled: true,
    });
  });

  test("gives the hint of a HiveError, and one for a missing emulator", () => {
    const full = new HiveError("failed", "no space", { hint: "make some" });
    expect(targetFailure(target, full, createStepRecord(), 1)).toMatchObject({
      message: "no space",
      hint: "make some",
    });
    const foreign = new BuildkitError("failed", "exec /bin/sh: exec format error");
    expect(targetFailure(target, foreign, createStepRecord(), 1).hint).toContain("linux/amd64");
    const elsewhere = new BuildkitError(
      "failed",
      'failed to push 127.0.0.1:4711/base:1.linux-amd64: failed to do request: Head "http://127.0.0.1:4711/v2/": dial tcp 127.0.0.1:4711: connect: connection refused',
    );
    expect(targetFailure(target, elsewhere, createStepRecord(), 1).hint).toContain("this machine");
    // A registry of the user's own that is not there is no fault of the daemon's.
    const externals = [{ reference: "127.0.0.1:4711/base:1" }];
    expect(
      targetFailure({ ...target, externals }, elsewhere, createStepRecord(), 1).hint,
    ).toBeUndefined();
  });

  test.each([
    [
      "granting entitlement network.host is not allowed by build daemon configuration",
      "--allow-insecure-entitlement network.host",
    ],
    ["security.insecure is not allowed", "entitlements: [security.insecure]"],
    ["secret api_key: not found", "secrets: { api_key: {"],
    ['failed to calculate checksum of ref a::b: "/x": not found', ".dockerignore"],
  ])("says what to do about %p", (message, hint) => {
    const error = new BuildkitError("failed", message);
    expect(targetFailure(target, error, createStepRecord(), 1).hint).toContain(hint);
  });
});
