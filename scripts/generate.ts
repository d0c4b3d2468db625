/**
 * Writes `src/gen` from `proto/`, and `schema/` from the definitions of the project's files: `bun scripts/generate.ts`.
 * With `--check` it only says whether that would change anything.
 */
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { jsonSchema, schemaNames } from "../src/project/schema/json-schema.ts";

const check = process.argv.includes("--check");
await produce("src/gen", "proto/", generate);
await produce("schema", "src/project/schema/", writeSchemas);

async function produce(
  committed: string,
  source: string,
  write: (directory: string) => Promise<void>,
): Promise<void> {
  if (!check) return write(committed);
  const fresh = await mkdtemp(join(tmpdir(), "hive-gen-"));
  try {
    await write(fresh);
    await compare(fresh, committed, source);
  } finally {
    await rm(fresh, { recursive: true });
  }
}

async function writeSchemas(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const name of schemaNames) {
    await Bun.write(join(directory, `${name}.schema.json`), jsonSchema(name));
  }
}

async function generate(directory: string): Promise<void> {
  const template = (await Bun.file("buf.gen.yaml").text()).replace(
    "out: src/gen",
    `out: ${directory}`,
  );
  const path = [join(process.cwd(), "node_modules/.bin"), process.env["PATH"]].join(delimiter);
  const buf = Bun.spawn(
    ["buf", "generate", "--template", JSON.stringify(Bun.YAML.parse(template))],
    {
      env: { ...process.env, PATH: path },
      stdout: "inherit",
      stderr: "inherit",
    },
  );
  if ((await buf.exited) !== 0) throw new Error("buf generate failed");
}

async function compare(fresh: string, committed: string, source: string): Promise<void> {
  const [wanted, found] = await Promise.all([filesBelow(fresh), filesBelow(committed)]);
  const names = new Set([...wanted.keys(), ...found.keys()]);
  const stale = [...names].filter((name) => wanted.get(name) !== found.get(name));
  if (stale.length === 0) return;
  console.error(
    `${committed} is not what ${source} generates: ${stale.join(", ")}. Run: bun run generate`,
  );
  process.exitCode = 1;
}

async function filesBelow(directory: string): Promise<Map<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(directory.length), await Bun.file(path).text()] as const;
    }),
  );
  return new Map(texts);
}
