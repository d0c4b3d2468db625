import { formatPlatform, type Platform } from "../oci/platform.ts";

/**
 * The ARGs that the frontend sets by itself.
 * {@link https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope}
 */
export function platformArgs(target: Platform, build: Platform): Map<string, string> {
  return new Map([...sideArgs("TARGET", target), ...sideArgs("BUILD", build)]);
}

function sideArgs(side: "TARGET" | "BUILD", platform: Platform): [string, string][] {
  // Ours leaves out the variant that is implied; the frontend writes it for arm.
  const variant = platform.variant ?? (platform.architecture === "arm" ? "v7" : "");
  const { os, architecture } = platform;
  return [
    [`${side}PLATFORM`, formatPlatform(variant === "" ? platform : { ...platform, variant })],
    [`${side}OS`, os],
    [`${side}OSVERSION`, ""],
    [`${side}ARCH`, architecture],
    [`${side}VARIANT`, variant],
  ];
}

/** Whether the frontend takes build argument `name` without an ARG for it. */
export function isPredefinedArg(name: string): boolean {
  return (
    /^(?:https?|ftp|no|all)_proxy$/i.test(name) ||
    /^(?:TARGET|BUILD)(?:PLATFORM|OS|OSVERSION|ARCH|VARIANT)$/.test(name) ||
    name === "TARGETSTAGE" ||
    name === "SOURCE_DATE_EPOCH" ||
    name.startsWith("BUILDKIT_")
  );
}
