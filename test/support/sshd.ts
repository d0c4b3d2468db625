import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { run } from "./run.ts";
import { tempDirectory } from "./temp-directory.ts";
import { waitUntil } from "./wait-until.ts";

/** OpenSSH's server on a port of loopback, with a host key and a user's key of the test's own. */
export type Sshd = AsyncDisposable & {
  readonly port: number;
  /**
   * A directory with an `ssh` for PATH: the real one, with settings of the test's own instead of the user's.
   * @param settings more of ssh_config, before the usual ones; the first of a name counts
   */
  client(settings?: string): Promise<SshClient>;
  /** Takes no connections any more; those that are there stay. */
  stop(): Promise<void>;
};

export type SshClient = {
  /** Goes before PATH. */
  readonly directory: string;
  /** The process of the ssh that was started last. */
  readonly pid: () => Promise<number>;
};

/** @param settings more of sshd_config, before the usual ones; the first of a name counts */
export async function startSshd(settings = ""): Promise<Sshd> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await tempDirectory());
  const at = (name: string): string => join(path, name);
  for (const name of ["host", "user"]) {
    await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", at(name)]);
  }
  const port = freePort();
  await Bun.write(at("authorized_keys"), Bun.file(at("user.pub")));
  const hostKey = (await Bun.file(at("host.pub")).text()).trim();
  await Bun.write(at("known_hosts"), `[127.0.0.1]:${port} ${hostKey}\n`);
  await Bun.write(
    at("sshd_config"),
    `${settings}
ListenAddress 127.0.0.1:${port}
HostKey ${at("host")}
AuthorizedKeysFile ${at("authorized_keys")}
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
UsePAM no
PidFile none
`,
  );
  // Where sshd puts those who are not let in yet.
  await mkdir("/run/sshd", { recursive: true });
  const program = Bun.which("sshd", { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` });
  if (program === null) throw new Error("Cannot start sshd: install openssh-server");
  const server = Bun.spawn(
    ["setpriv", "--pdeathsig", "TERM", program, "-D", "-e", "-f", at("sshd_config")],
    {
      stdin: "ignore",
      stdout: "ignore",
      stderr: Bun.file(at("log")),
    },
  );
  async function stop(): Promise<void> {
    server.kill();
    await server.exited;
  }
  stack.defer(stop);
  await waitUntil("sshd listens", 10_000, async () => {
    if (server.exitCode !== null)
      throw new Error(`sshd ended: ${await Bun.file(at("log")).text()}`);
    return (await Bun.file(at("log")).text()).includes("Server listening") ? true : undefined;
  });

  let clients = 0;
  const owned = stack.move();
  return {
    port,
    stop,
    async client(more = "") {
      const directory = at(`client-${++clients}`);
      await mkdir(directory);
      const file = join(directory, "config");
      await Bun.write(
        file,
        `${more}
Host builder
  HostName 127.0.0.1
  Port ${port}
Host *
  User root
  IdentityFile ${at("user")}
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile ${at("known_hosts")}
  GlobalKnownHostsFile none
`,
      );
      const script = join(directory, "ssh");
      const real = Bun.which("ssh");
      await Bun.write(
        script,
        `#!/bin/sh\necho $$ > ${directory}/pid\nexec ${real} -F ${file} "$@"\n`,
      );
      await chmod(script, 0o755);
      return {
        directory,
        pid: async () => Number(await Bun.file(join(directory, "pid")).text()),
      };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
