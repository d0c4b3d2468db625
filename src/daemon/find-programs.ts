import type { Environment } from "../base/environment.ts";
import { errorMessage } from "../base/error-message.ts";
import { printable } from "../base/printable.ts";
import { daemonEnvironment, daemonPath } from "./daemon-environment.ts";

/** What starts a daemon: its command line is appended. */
export type Launcher = {
  readonly command: readonly string[];
  readonly rootless: boolean;
};

/** Why something can't be had, in words. */
export type Missing = { readonly missing: string };

const checkTime = 10_000;

/** A program on PATH, or where system programs are. */
export function findProgram(env: Environment, name: string): string | undefined {
  return Bun.which(name, { PATH: daemonPath(env) }) ?? undefined;
}

/** What a program says, both its outputs, and whether it did as it should; why it can't be run, otherwise. */
export async function askProgram(
  command: readonly string[],
  env: Environment,
): Promise<{ readonly ok: boolean; readonly text: string }> {
  try {
    const child = Bun.spawn([...command], {
      env: daemonEnvironment(env, []),
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      timeout: checkTime,
      killSignal: "SIGKILL",
    });
    const texts = [child.stdout.text(), child.stderr.text()];
    const text = (await Promise.all(texts)).join("").trim();
    return { ok: (await child.exited) === 0, text };
  } catch (error) {
    return { ok: false, text: errorMessage(error) };
  }
}

/**
 * How a daemon is started by this user. Root's gets namespaces of its own for processes and mounts, so that whatever way
 * it ends, the kernel ends its steps and takes its mounts away; anybody else's gets them by rootlesskit.
 */
export async function findLauncher(
  env: Environment,
  stateDirectory: string,
  uid: number = process.geteuid?.() ?? 0,
): Promise<Launcher | Missing> {
  return uid === 0 ? await findUnshare(env) : findRootlesskit(env, stateDirectory);
}

async function findUnshare(env: Environment): Promise<Launcher | Missing> {
  const unshare = findProgram(env, "unshare");
  if (unshare === undefined) return { missing: "no unshare on PATH (install util-linux)" };
  const command = [unshare, "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const tried = await askProgram([...command, "true"], env);
  if (tried.ok) return { command, rootless: false };
  const reason = printable(tried.text.split("\n")[0] ?? "");
  return {
    missing: `root may not make namespaces here (${reason}): a container has to be privileged`,
  };
}

function findRootlesskit(env: Environment, stateDirectory: string): Launcher | Missing {
  const rootlesskit = findProgram(env, "rootlesskit");
  const needed = ["rootlesskit", "newuidmap", "newgidmap"];
  const missing = needed.filter((name) => findProgram(env, name) === undefined);
  if (rootlesskit === undefined || missing.length > 0) {
    return {
      missing: `not root, and no ${missing.join(", no ")} on PATH (install rootlesskit and uidmap)`,
    };
  }
  return { command: [rootlesskit, `--state-dir=${stateDirectory}`, "--pidns"], rootless: true };
}

/** `buildkitd` on PATH with what it needs to run steps. */
export async function findBuildkitd(
  env: Environment,
): Promise<{ readonly program: string; readonly version: string } | Missing> {
  const program = findProgram(env, "buildkitd");
  if (program === undefined) return { missing: "no buildkitd on PATH" };
  if (["buildkit-runc", "runc"].every((name) => findProgram(env, name) === undefined)) {
    return { missing: `${program} needs runc, which is not on PATH` };
  }
  const { ok, text } = await askProgram([program, "--version"], env);
  if (!ok) return { missing: `${program} can't be run: ${printable(text.split("\n")[0] ?? "")}` };
  // buildkitd github.com/moby/buildkit v0.32.2 2976ed6...
  return { program, version: /\s(v\d[^\s]*)/.exec(text)?.[1] ?? "unknown" };
}
