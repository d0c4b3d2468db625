import { expect, test } from "bun:test";
import { explainSsh, sshEnded } from "../../src/ssh/explain-ssh.ts";
import { forwardSocket } from "../../src/ssh/forward-socket.ts";

const target = { destination: "me@host", port: 2222, remotePath: "/run/x.sock" };

test.each([
  ["Connection timed out during banner exchange", "it does not answer"],
  ["Timeout, server host not responding.", "it does not answer"],
  ["ssh: Could not resolve hostname host: Name or service not known", "there is no such host"],
  ["me@host: Permission denied (publickey).", "it lets nobody in with the keys that ssh has"],
])("explainSsh() understands %s", (line, reason) => {
  const failure = explainSsh(["Welcome to the machine", line], target);
  expect(failure?.message).toBe(`${reason} (ssh says: ${line})`);
  expect(failure?.kind).toBe("unreachable");
});

test("explainSsh() leaves alone what means nothing, unless ssh is over", () => {
  expect(explainSsh(["Welcome to the machine"], target)).toBeUndefined();
  const ended = sshEnded(["kex_exchange_identification: banner line too long"], target);
  expect(ended.message).toContain("banner line too long");
  expect(ended.hint).toContain("ssh -p 2222 me@host");
  expect(sshEnded([], target).message).toBe("the ssh connection ended");
});

test.each([
  { remotePath: "/run/a:/etc/passwd" },
  { remotePath: "/run/%h.sock" },
  { remotePath: "/run/${HOME}" },
  { remotePath: "relative.sock" },
  { destination: "-oProxyCommand=touch /tmp/x" },
])("forwardSocket() refuses %j before it runs ssh", async (change) => {
  const started = forwardSocket({ ...target, ...change, env: { PATH: "/nowhere" } });
  expect(await started.catch((error: unknown) => error)).toMatchObject({
    kind: "usage",
    message: expect.stringContaining("Cannot forward"),
  });
});

test("forwardSocket() waits no longer than its signal", async () => {
  const signal = AbortSignal.abort(new Error("stopped"));
  const started = forwardSocket({ ...target, env: process.env, signal });
  expect(await started.catch((error: unknown) => error)).toMatchObject({ message: "stopped" });
});
