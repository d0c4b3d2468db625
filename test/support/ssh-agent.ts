import { join } from "node:path";
import { run } from "./run.ts";
import { tempDirectory } from "./temp-directory.ts";
import { waitUntil } from "./wait-until.ts";

/** A real ssh-agent of the test's own. */
export type SshAgent = AsyncDisposable & { readonly socket: string };

/** Starts an agent that holds one new key. */
export async function startSshAgent(): Promise<SshAgent> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await tempDirectory());
  const socket = join(path, "agent.sock");
  const agent = Bun.spawn(["ssh-agent", "-D", "-a", socket], { stdout: "ignore" });
  stack.defer(async () => {
    agent.kill();
    await agent.exited;
  });
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  await waitUntil("the ssh agent answers", 10_000, () => {
    const { exitCode } = Bun.spawnSync(["ssh-add", "-l"], { env });
    // 1: it has no keys yet.
    return exitCode === 1 ? true : undefined;
  });
  const key = join(path, "key");
  await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key]);
  await run(["ssh-add", "-q", key], ".", { SSH_AUTH_SOCK: socket });
  const owned = stack.move();
  return { socket, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
