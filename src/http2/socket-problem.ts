import { systemErrorCode } from "../base/system-error.ts";

const words: Readonly<Record<string, string>> = {
  ENOENT: "no such socket",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ECONNREFUSED: "nobody listens there",
  ENOTFOUND: "unknown host",
};

/** Why no connection came about, in words: reads an error of `connectSocket()`, or of fetch; undefined for all others. */
export function socketProblem(error: unknown): string | undefined {
  if (error instanceof Error && error.name === "TimeoutError") return "no answer";
  return words[systemErrorCode(error) ?? ""];
}
