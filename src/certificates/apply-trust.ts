import { mkdir, rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { HiveError } from "../base/hive-error.ts";
import { searchPath } from "../base/search-path.ts";
import { storageError } from "../base/storage-error.ts";
import { systemErrorCode } from "../base/system-error.ts";
import { writeFileAtomically } from "../oci/atomic-file.ts";
import type { TrustStep } from "./trust-plan.ts";

/** Longer than any system takes to read its certificates anew. */
const commandTimeout = 60_000;

/**
 * Does the steps, one after the other. Doing them twice is no different from once.
 * @param authority The certificate to trust, PEM.
 * @throws HiveError "failed" with the step that failed.
 */
export async function applyTrust(steps: readonly TrustStep[], authority: string): Promise<void> {
  for (const step of steps) {
    try {
      await applyStep(step, authority);
    } catch (error) {
      throw step.kind === "run" ? error : storageError(error, dirname(step.file));
    }
  }
}

async function applyStep(step: TrustStep, authority: string): Promise<void> {
  switch (step.kind) {
    case "write":
      // Whoever runs the tools has to read it, whatever this process keeps to itself by default.
      await mkdir(dirname(step.file), { recursive: true, mode: 0o755 });
      return await writeFileAtomically(step.file, authority, { mode: 0o644 });
    case "remove":
      await rm(step.file, { force: true });
      if (step.directory === "remove") await removeIfEmpty(dirname(step.file));
      return;
    case "run":
      return await runCommand(step.command);
  }
}

async function removeIfEmpty(directory: string): Promise<void> {
  try {
    await rmdir(directory);
  } catch (error) {
    // Something else is in it, or it was never there.
    if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(systemErrorCode(error) ?? "")) throw error;
  }
}

async function runCommand([name = "", ...args]: readonly string[]): Promise<void> {
  // Not on every user's PATH.
  const path = Bun.which(name, {
    PATH: searchPath({ PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` }),
  });
  if (path === null) {
    throw new HiveError("failed", `Cannot run ${name}: it is not installed`, {
      hint: "Install the package that has it, most often ca-certificates, and run this again.",
    });
  }
  const child = Bun.spawn([path, ...args], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    timeout: commandTimeout,
  });
  const [errors, code] = await Promise.all([child.stderr.text(), child.exited]);
  if (code === 0) return;
  throw new HiveError("failed", `${[name, ...args].join(" ")} ended with ${code}`, {
    hint: errors.trim().split("\n").at(-1),
  });
}
