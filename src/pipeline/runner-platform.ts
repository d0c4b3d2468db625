import type { Platform } from "../oci/platform.ts";

/** The platform of the machines that build for `platform`: what amd64 and arm64 can't run themselves is emulated on amd64. */
export function runnerPlatform({ architecture }: Platform): Platform {
  return { os: "linux", architecture: architecture === "arm64" ? "arm64" : "amd64" };
}
