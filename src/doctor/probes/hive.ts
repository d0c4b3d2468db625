import type { Probe } from "../probe.ts";

/** Which hive this is, and on what it runs. */
export const hiveProbe: Probe = {
  name: "hive",
  limit: 1000,
  needs: "nothing",
  async run(_, { version }) {
    const architecture = process.arch === "x64" ? "amd64" : process.arch;
    const platform = `${process.platform}/${architecture}`;
    return [{ status: "ok", detail: `${version} on ${platform}, Bun ${Bun.version}` }];
  },
};
