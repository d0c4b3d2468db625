import { searchPath } from "../../base/search-path.ts";
import { credentialHelpers } from "../../credentials/home-credentials.ts";
import type { Probe } from "../probe.ts";

/** Whether the programs that Docker's config.json names for credentials are there. */
export const credentialHelpersProbe: Probe = {
  name: "credential helpers",
  limit: 5000,
  needs: "nothing",
  async run(_, { env }) {
    const helpers = await credentialHelpers(env);
    if (helpers.length === 0) return [{ status: "ok", detail: "Docker's config.json names none" }];
    const PATH = searchPath(env);
    const missing = helpers.filter((helper) => Bun.which(helper, { PATH }) === null);
    if (missing.length === 0) return [{ status: "ok", detail: helpers.join(", ") }];
    return missing.map((helper) => ({
      status: "fail",
      detail: `${helper}, which Docker's config.json names, is not on PATH`,
      fix: "Install it, or remove credsStore or credHelpers from config.json and log in again.",
    }));
  },
};
