import { describe, expect, test } from "bun:test";
import { pushImage } from "../../src/docker/push-image.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { rejection } from "../support/rejection.ts";
import { fakeEngine } from "./fake-engine.ts";

const name = { repository: "127.0.0.1:5000/hive-run/team/base", tag: "1.0.linux-amd64" };
const digest = digestOf(new Uint8Array());

const lines = (...messages: unknown[]): Response =>
  new Response(messages.map((message) => `${JSON.stringify(message)}\r\n`).join(""));

describe("pushImage()", () => {
  test("returns the digest that the push ended with, and shows the credential", async () => {
    const { engine, requests, headers } = fakeEngine(() =>
      lines(
        { status: "The push refers to repository [127.0.0.1:5000/base]" },
        { status: "Pushed", id: "abc" },
        { progressDetail: {}, aux: { Tag: "1", Digest: digest, Size: 560 } },
      ),
    );
    // Characters that Base64 has others for in a header.
    const credential = { username: "hive", secret: "ÿÿÿ>>>???" };
    expect(await pushImage(engine, name, { credential })).toBe(digest);
    expect(requests).toEqual([
      "POST /images/127.0.0.1:5000/hive-run/team/base/push?tag=1.0.linux-amd64",
    ]);
    const auth = headers[0]?.["X-Registry-Auth"] ?? "";
    // The engine takes no other alphabet, and nothing without its padding.
    expect(auth).toMatch(/^[\w-]+={0,2}$/);
    expect(auth.length % 4).toBe(0);
    expect(JSON.parse(Buffer.from(auth, "base64url").toString())).toEqual({
      username: "hive",
      password: "ÿÿÿ>>>???",
    });
  });

  test.each([
    ["a refusal", () => Response.json({ message: "no such image" }, { status: 404 }), "no such"],
    ["an error", () => lines({ status: "x" }, { errorDetail: { message: "denied" } }), "denied"],
    ["no digest", () => lines({ status: "done" }), "did not say what it pushed"],
    ["another digest", () => lines({ aux: { Digest: "md5:1" } }), "did not say what it pushed"],
  ])("throws what the engine said: %s", async (_what, answer, words) => {
    const { engine } = fakeEngine(answer);
    expect(await rejection(pushImage(engine, name))).toMatchObject({
      kind: "failed",
      message: expect.stringContaining(words),
    });
  });

  test("gives up on an engine that says nothing more, and ends when it is told to", async () => {
    const hanging = fakeEngine((_request, { signal }) => {
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const writer = writable.getWriter();
      void writer.write(new TextEncoder().encode('{"status":"Preparing"}\n'));
      signal?.addEventListener("abort", () => void writer.abort(signal.reason).catch(() => {}));
      return new Response(readable);
    });
    expect(await rejection(pushImage(hanging.engine, name, { silence: 50 }))).toMatchObject({
      kind: "failed",
      message: expect.stringContaining("nothing came for"),
    });
    const reason = new Error("stop");
    const signal = abortSoon(reason);
    expect(await rejection(pushImage(hanging.engine, name, { signal }))).toBe(reason);
  });
});

function abortSoon(reason: Error): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 20);
  return controller.signal;
}
