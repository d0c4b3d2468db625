import { expect, test } from "bun:test";
import { dialReason } from "../../../src/buildkit/dialers/dial-reason.ts";

test("dialReason() tells what to do about a socket that the user may not open", () => {
  const denied = Object.assign(new Error("Failed to connect"), { code: "EACCES" });
  const { reason, hint } = dialReason(denied);
  expect(reason).toBe("permission denied");
  expect(hint).toContain("group");
});
