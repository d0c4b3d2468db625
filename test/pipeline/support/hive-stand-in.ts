/**
 * Notes calls in the file HIVE_TEST_CALLS, and hands them on to hive. For one that can't log in and push yet it does that
 * itself: `build --push` is a build and a copy by skopeo of what was selected.
 */
import { appendFile } from "node:fs/promises";
import { requireEnv } from "../../support/require-env.ts";

const [command = "", ...args] = process.argv.slice(2);
await appendFile(requireEnv("HIVE_TEST_CALLS"), `${[command, ...args].join(" ")}\n`);
const help = Bun.spawnSync([requireEnv("HIVE_BINARY"), "build", "--help"]).stdout.toString();
if (help.includes("--push ")) {
  run([requireEnv("HIVE_BINARY"), command, ...args], "inherit");
  process.exit(0);
}
if (command === "login") process.exit((await Bun.stdin.text()) === "secret" ? 0 : 5);
const push = command === "build" && args.includes("--push");
run([requireEnv("HIVE_BINARY"), command, ...args.filter((arg) => arg !== "--push")]);
if (push) {
  const patterns = new Set(args.filter((arg) => !arg.startsWith("-")));
  const platform =
    args.find((arg) => arg.startsWith("--platform="))?.replace("--platform=", "") ?? "";
  const id = process.env["HIVE_BUILD_ID"];
  const suffix = id === undefined || id === "" ? "" : `-build.${id}`;
  const layout = `${process.env["HIVE_PROJECT"] ?? "."}/.hive`;
  const index = (await Bun.file(`${layout}/index.json`).json()) as {
    manifests: { annotations?: Record<string, string> }[];
  };
  for (const { annotations } of index.manifests) {
    const stored = annotations?.["org.opencontainers.image.ref.name"] ?? "";
    if (!stored.endsWith(suffix) || (suffix === "" && stored.includes("-build."))) continue;
    const reference = stored.slice(0, stored.length - suffix.length);
    const [name = "", tag = ""] = reference.split(":");
    if (!patterns.has(name) && !patterns.has(reference)) continue;
    const target = `${process.env["HIVE_REGISTRY"]}/${name}:${tag}.${platform.replaceAll("/", "-")}${suffix}`;
    const copy = ["skopeo", "copy", "--quiet", "--dest-tls-verify=false"];
    run([...copy, `oci:${layout}:${stored}`, `docker://${target}`]);
  }
}

function run(line: readonly string[], stdin: "ignore" | "inherit" = "ignore"): void {
  const { exitCode } = Bun.spawnSync([...line], { stdio: [stdin, "inherit", "inherit"] });
  if (exitCode !== 0) process.exit(exitCode);
}
