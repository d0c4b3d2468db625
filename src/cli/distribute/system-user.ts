import { userInfo } from "node:os";

/** The name of the system's user; the number where it has no name, as in many containers. */
export function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
