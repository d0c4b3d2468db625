import type { Diagnostic } from "../../base/diagnostic.ts";

/** A finding as sentences without its frame: message, what stands beside the underline, help. */
export function plainText({ message, label, help }: Diagnostic): string {
  return [message, label, help].filter((part) => part !== undefined).join("\n");
}
