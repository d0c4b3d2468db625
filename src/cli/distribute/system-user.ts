import { userInfo } from "node:os";

/** The name of the system's user; the number where it has no name, as in many containers. */
export function systemUser(): string {
  const nameless = `uid ${process.getuid?.() ?? "unknown"}`;
  try {
    const { username } = userInfo();
    // What Bun says where no variable tells.
    return ["", "unknown"].includes(username) ? nameless : username;
  } catch {
    return nameless;
  }
}
