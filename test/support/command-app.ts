import type { App } from "../../src/cli/app.ts";
import type { Environment } from "../../src/base/environment.ts";

/** The world of a command, as far as those look at it that open registries; `said` is what went to the log. */
export function commandApp(
  env: Environment,
  given: readonly string[] = [],
): { readonly app: App; readonly said: string[] } {
  const said: string[] = [];
  const log = {
    info: (text: string) => said.push(text),
    warn: (text: string) => said.push(`warning: ${text}`),
  };
  const { signal } = new AbortController();
  const app = { env, cwd: process.cwd(), given: new Set(given), signal, log } as unknown as App;
  return { app, said };
}
