import { expect, test } from "bun:test";
import { listen, type Listener } from "../../src/registry/listen.ts";

const start = (port: number, text: string): Listener =>
  listen({ hostname: "127.0.0.1", port, fetch: async () => new Response(text) });

test("listen() does not share a port with another listener", async () => {
  const first = start(0, "first");
  try {
    expect(() => start(first.port, "second")).toThrow(
      expect.objectContaining({ code: "EADDRINUSE" }),
    );
  } finally {
    await first.stop(0);
  }
});

test("a port can be listened on again in the turn in which its listener is stopped", async () => {
  const first = start(0, "first");
  const { port } = first;
  // Its connection stays open.
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("first");
  const stopped = first.stop(1000);
  const second = start(port, "second");
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, { keepalive: false });
    expect(await response.text()).toBe("second");
  } finally {
    await Promise.all([stopped, second.stop(0)]);
  }
});
