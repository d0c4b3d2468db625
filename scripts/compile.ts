/**
 * Compiles hive into one file: `bun scripts/compile.ts [--target=bun-linux-arm64] [--outfile=dist/hive]`.
 * The version is package.json's, with the commit where git knows it.
 */
import { parseArgs } from "node:util";
import packageJson from "../package.json";

const { values } = parseArgs({
  options: { target: { type: "string" }, outfile: { type: "string", default: "dist/hive" } },
});

const result = await Bun.build({
  entrypoints: ["src/main.ts", "src/oci/hash-worker.ts"],
  // A thread's file is looked for beside the code that starts it, and compiled code is all in one directory.
  naming: { entry: "[name].[ext]" },
  root: ".",
  minify: true,
  bytecode: true,
  // Chunks per command: what a command does not use is never parsed.
  splitting: true,
  format: "esm",
  define: { "process.env.HIVE_VERSION_STAMP": JSON.stringify(stampedVersion()) },
  compile: {
    ...(values.target === undefined ? {} : { target: values.target as Bun.Build.CompileTarget }),
    outfile: values.outfile,
    // hive runs inside cloned repositories: a bunfig.toml there could run any code, a .env change any setting.
    autoloadBunfig: false,
    autoloadDotenv: false,
    autoloadTsconfig: false,
    autoloadPackageJson: false,
  },
});
if (!result.success) {
  for (const log of result.logs) console.error(log.message);
  process.exit(1);
}
console.log(values.outfile);

function stampedVersion(): string {
  const git = Bun.spawnSync(["git", "rev-parse", "--short=12", "HEAD"], { stderr: "ignore" });
  const commit = git.success ? git.stdout.toString().trim() : "";
  return commit === "" ? packageJson.version : `${packageJson.version} (${commit})`;
}
