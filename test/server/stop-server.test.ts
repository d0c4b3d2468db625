import { expect, test } from "bun:test";
import { currentOwner, type RunOwner } from "../../src/oci/run-owner.ts";
import { stopServer } from "../../src/server/stop-server.ts";
import { tempDirectory } from "../support/temp-directory.ts";

test("stopServer() does not touch a process that only has the number of one in another container", async () => {
  await using directory = await tempDirectory();
  const child = Bun.spawn(["sleep", "60"]);
  try {
    const [, start, boot] = currentOwner().split("-");
    const owner = `${child.pid}-${start}-${boot}-00000000` as RunOwner;
    const stopped = stopServer(
      directory.path,
      {
        version: 1,
        pid: child.pid,
        owner,
        url: "http://127.0.0.1:1",
        address: "127.0.0.1:1",
        controlToken: "x",
      },
      { timeout: 1000, now: false, signal: new AbortController().signal },
    );
    expect(stopped).rejects.toThrow("another container");
    await stopped.catch(() => undefined);
    expect(child.exitCode).toBeNull();
    expect(child.signalCode).toBeNull();
  } finally {
    child.kill();
    await child.exited;
  }
});
