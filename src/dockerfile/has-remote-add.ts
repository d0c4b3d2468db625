import { createSourceText } from "../base/source-text.ts";
import type { Instruction } from "./dockerfile.ts";
import { parseDockerfile } from "./parse-dockerfile.ts";

/**
 * Whether an ADD may fetch something from the network: a URL, a Git repository, or a source that only a variable names.
 * Says yes when in doubt.
 */
export function hasRemoteAdd(text: string): boolean {
  // Few have one: parsing each of them for nothing would be felt in a build that has nothing to do.
  if (!/\badd\b/i.test(text)) return false;
  return parseDockerfile(createSourceText("Dockerfile", text)).instructions.some(mayFetch);
}

/** Whether what ONBUILD holds back for images built on this one may fetch something, as `hasRemoteAdd` says. */
export function hasRemoteTrigger(text: string): boolean {
  if (!/\bonbuild\b/i.test(text)) return false;
  return parseDockerfile(createSourceText("Dockerfile", text)).instructions.some(
    (instruction) => instruction.trigger !== undefined && mayFetch(instruction),
  );
}

function mayFetch({ keyword, arguments: line, trigger }: Instruction): boolean {
  if (trigger !== undefined) return mayFetch(trigger);
  return keyword === "ADD" && /:\/\/|git@|\$/i.test(line.text);
}
