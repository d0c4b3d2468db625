import type { Environment } from "../../base/environment.ts";
import type { CacheScopes } from "../../plan/plan.ts";
import { type CacheEntries, exportAttrs, scopeName } from "./cache-entries.ts";

/**
 * The cache of GitHub Actions, which a workflow is told of in its environment.
 * {@link https://docs.docker.com/build/cache/backends/gha/}
 * @returns undefined outside of Actions, and in a step that does not pass these variables on
 */
export function ghaEntries(
  { own, siblings }: CacheScopes,
  env: Environment,
): CacheEntries | undefined {
  const { ACTIONS_RUNTIME_TOKEN, ACTIONS_CACHE_URL, ACTIONS_RESULTS_URL } = env;
  const isSecond = /^(?:1|t|true)$/i.test(env["ACTIONS_CACHE_SERVICE_V2"] ?? "");
  const urls = {
    ...(ACTIONS_CACHE_URL ? { url: ACTIONS_CACHE_URL } : {}),
    ...(isSecond && ACTIONS_RESULTS_URL ? { url_v2: ACTIONS_RESULTS_URL } : {}),
  };
  if (!ACTIONS_RUNTIME_TOKEN || Object.keys(urls).length === 0) return undefined;
  const common = { ...urls, token: ACTIONS_RUNTIME_TOKEN, version: isSecond ? "2" : "1" };
  const entry = (scope: string): Record<string, string> => ({ ...common, scope: scopeName(scope) });
  return {
    imports: [own, ...siblings].map((scope) => ({ type: "gha", attrs: entry(scope) })),
    exports: [{ type: "gha", attrs: { ...entry(own), ...exportAttrs } }],
  };
}
