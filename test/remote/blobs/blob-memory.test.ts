import { expect, test } from "bun:test";
import { join } from "node:path";
import { watchPeakMemory } from "../../support/peak-memory.ts";

const mebibyte = 1024 * 1024;

test("a blob of 2 GiB goes from registry to registry in bounded memory", async () => {
  const size = 2048 * mebibyte;
  await using source = Bun.spawn({
    cmd: [process.execPath, join(import.meta.dir, "../support/endless-registry.ts"), String(size)],
    stdout: "pipe",
    stderr: "inherit",
  });
  const [line = ""] = await firstLine(source.stdout);
  const { address, digest } = JSON.parse(line);
  await using copy = Bun.spawn({
    cmd: [
      process.execPath,
      join(import.meta.dir, "../support/copy-blob.ts"),
      address,
      JSON.stringify({ mediaType: "application/octet-stream", digest, size }),
    ],
    stdout: "inherit",
    stderr: "inherit",
  });
  using memory = watchPeakMemory(copy.pid);
  expect(await copy.exited).toBe(0);
  source.kill();
  expect(memory.peak()).toBeGreaterThan(0);
  expect(memory.peak() / mebibyte).toBeLessThan(150);
}, 300_000);

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const reader = stream.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) break;
    text += Buffer.from(value).toString();
  }
  reader.releaseLock();
  return text.split("\n");
}
