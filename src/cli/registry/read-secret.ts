import { HiveError } from "../../base/hive-error.ts";

/** More is no password, but a file by mistake. */
const limit = 4096;

/** What standard input holds, without the end of line that `echo` adds. @throws HiveError "usage" */
export async function readSecret(signal: AbortSignal): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const chunks: Uint8Array[] = [];
  let size = 0;
  // The pipe ends early when the signal comes.
  const input = Bun.stdin.stream().pipeThrough(new TransformStream(), { signal });
  for await (const chunk of input) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > limit) {
      throw new HiveError("usage", `Cannot read a password of more than ${limit} bytes`, {
        hint: "Give the password alone on standard input.",
      });
    }
  }
  try {
    return decoder.decode(Buffer.concat(chunks)).replace(/\r?\n$/, "");
  } catch {
    throw new HiveError("usage", "Cannot read the password: it is no UTF-8", {
      hint: "Give it as text in UTF-8.",
    });
  }
}
