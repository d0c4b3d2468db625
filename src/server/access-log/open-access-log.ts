import { type AccessLog, createAccessLog } from "./access-log.ts";
import { createRotatingFile } from "./rotating-file.ts";

/** Opens the log of requests at `path`, or on stdout where that is `-`; undefined when there shall be none. */
export function openAccessLog(
  path: string | undefined,
  onError: (error: Error) => void,
): AccessLog | undefined {
  if (path === undefined) return undefined;
  return createAccessLog({
    write: path === "-" ? writeToStdout : createRotatingFile({ path }),
    onError,
  });
}

async function writeToStdout(lines: string): Promise<void> {
  await Bun.write(Bun.stdout, lines);
}
