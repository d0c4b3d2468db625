import { describe, expect, test } from "bun:test";
import { addressBytes } from "../../src/certificates/subject-name.ts";

describe("addressBytes()", () => {
  test.each([
    ["192.0.2.7", "c0000207"],
    ["::", "0".repeat(32)],
    ["::1", `${"0".repeat(31)}1`],
    ["2001:db8::7", "20010db8000000000000000000000007"],
    ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
    ["1:2:3:4:5:6:7::", "00010002000300040005000600070000"],
    ["::ffff:192.0.2.7", "00000000000000000000ffffc0000207"],
    ["64:ff9b::192.0.2.7", "0064ff9b0000000000000000c0000207"],
  ])("of %s", (address, hex) => {
    expect(Buffer.from(addressBytes(address)).toString("hex")).toBe(hex);
  });
});
