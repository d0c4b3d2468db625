import { describe, expect, test } from "bun:test";
import { digestOf } from "../../src/oci/digest.ts";
import { connect, failure } from "./support/connect.ts";
import { servedRegistry } from "./support/served-registry.ts";

const bytes = crypto.getRandomValues(new Uint8Array(50_000));
const descriptor = {
  mediaType: "application/octet-stream",
  digest: digestOf(bytes),
  size: bytes.byteLength,
};

describe("a blob", () => {
  test("is written, found, read from any place, and mounted", async () => {
    await using registry = await servedRegistry();
    const remote = connect(registry.address);
    expect(await remote.hasBlob("app", descriptor)).toBe(false);
    const sent: number[] = [];
    await remote.writeBlob("app", descriptor, (at) => new Blob([bytes.subarray(at)]), {
      onBytes: (count) => sent.push(count),
    });
    expect(sent.at(-1)).toBe(bytes.byteLength);
    expect(await remote.hasBlob("app", descriptor)).toBe(true);
    const whole = await new Response(remote.readBlob("app", descriptor)).bytes();
    expect(digestOf(whole)).toBe(descriptor.digest);
    const rest = await new Response(remote.readBlob("app", descriptor, { offset: 49_000 })).bytes();
    expect(rest).toEqual(bytes.subarray(49_000));
    expect(await remote.mountBlob("other", descriptor, "app")).toBe(true);
    expect(await remote.mountBlob("other", { ...descriptor, digest: digestOf("x") }, "app")).toBe(
      false,
    );
    expect(registry.requests.at(-1)).toStartWith("DELETE /v2/other/blobs/uploads/");
  });

  test("goes from one registry to another", async () => {
    await using source = await servedRegistry();
    await using destination = await servedRegistry();
    const from = connect(source.address);
    const to = connect(destination.address);
    await from.writeBlob("app", descriptor, () => new Blob([bytes]));
    await to.writeBlob("app", descriptor, (offset) => from.readBlob("app", descriptor, { offset }));
    expect(await to.hasBlob("app", descriptor)).toBe(true);
  });

  test("of other bytes than its digest is refused", async () => {
    await using registry = await servedRegistry();
    const other = { ...descriptor, digest: digestOf("other") };
    const error = await failure(
      connect(registry.address).writeBlob("app", other, () => new Blob([bytes])),
    );
    expect([error.kind, error.message]).toEqual([
      "failed",
      expect.stringContaining("DIGEST_INVALID"),
    ]);
  });
});
