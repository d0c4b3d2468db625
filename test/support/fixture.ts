import { join } from "node:path";

/** The absolute path of fixture project `name`. */
export function fixture(name: string): string {
  return join(import.meta.dir, "../fixtures", name);
}
