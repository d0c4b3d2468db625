import { describe, expect, test } from "bun:test";
import { Glob } from "bun";

type Room = { readonly name: string; readonly imports: readonly string[] };

/** The npm packages that each room may use; a room that is not listed uses none. */
const packages: Readonly<Record<string, readonly string[]>> = {
  gen: ["@bufbuild/protobuf"],
  grpc: ["@bufbuild/protobuf", "@connectrpc/connect"],
  buildkit: ["@bufbuild/protobuf", "@connectrpc/connect"],
  kubernetes: ["yaml"],
  project: ["yaml", "zod"],
  cli: ["citty", "consola"],
};

/** `import ... from "x"`, `export ... from "x"`, `import "x"`, `import("x")`: at a line's start, or the call. */
const importPattern =
  /(?:^(?:import|export)\b[^;"]*?\bfrom\s+|^import\s+|\bimport\(\s*)"([^"\n]+)"/gm;

const document = await Bun.file("docs/architecture.md").text();
const rooms = readRooms(document);
const imports = await readImports();

describe("architecture", () => {
  test("the table in docs/architecture.md names every room there is", async () => {
    const folders = new Set(imports.map(({ room }) => room).filter((room) => room !== ""));
    expect([...folders].toSorted()).toEqual(rooms.map(({ name }) => name).toSorted());
  });

  test("every import goes where the table allows", () => {
    const allowed = new Map(
      rooms.map((room) => [room.name, new Set(["base", room.name, ...room.imports])]),
    );
    const wrong = imports.filter(({ room, target }) => {
      if (room === "") return target !== "cli";
      return target !== undefined && !(allowed.get(room)?.has(target) ?? false);
    });
    expect(wrong.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });

  test("the table has no way back: a room imports only rooms above it", () => {
    const seen = new Set(["base"]);
    for (const room of rooms) {
      for (const target of room.imports)
        expect([room.name, target, seen.has(target)]).toEqual([room.name, target, true]);
      seen.add(room.name);
    }
  });

  test("npm packages are used only by the rooms that own them", () => {
    const wrong = imports.filter(
      ({ room, npm }) => npm !== undefined && !(packages[room] ?? []).includes(npm),
    );
    expect(wrong.map(({ file, npm }) => `${file} imports ${npm}`)).toEqual([]);
  });

  test("every runtime dependency has its line in docs/dependencies.md", async () => {
    const { dependencies } = (await Bun.file("package.json").json()) as {
      dependencies: Record<string, string>;
    };
    const text = await Bun.file("docs/dependencies.md").text();
    expect(Object.keys(dependencies).filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });
});

/** Rows of the table: `room/`, what it holds, `imports`; "everything" and "all above but" are spelled out here. */
function readRooms(markdown: string): Room[] {
  const result: Room[] = [];
  for (const [, name = "", cell = ""] of markdown.matchAll(/^\| `(\w+)\/` \|[^|]*\|([^|]*)\|$/gm)) {
    const named = [...cell.matchAll(/`(\w+)`/g)].map(([, room = ""]) => room);
    const before = result.map((room) => room.name);
    if (cell.includes("everything")) result.push({ name, imports: before });
    else if (cell.includes("all above but"))
      result.push({ name, imports: before.filter((room) => !named.includes(room)) });
    else result.push({ name, imports: named });
  }
  return result;
}

type Import = {
  readonly file: string;
  readonly room: string;
  readonly target?: string;
  readonly npm?: string;
};

async function readImports(): Promise<Import[]> {
  const found: Import[] = [];
  for await (const file of new Glob("src/**/*.ts").scan(".")) {
    const room = roomOf(file);
    const text = await Bun.file(file).text();
    for (const [, specifier = ""] of text.matchAll(importPattern)) {
      if (specifier.startsWith("."))
        found.push({
          file,
          room,
          target: roomOf(new URL(specifier, `file:///${file}`).pathname.slice(1)),
        });
      else if (!/^(?:node:|bun(?::|$))/.test(specifier))
        found.push({ file, room, npm: packageOf(specifier) });
    }
  }
  return found;
}

/** `src/oci/digest.ts` is in `oci`; `src/main.ts` in "". */
function roomOf(file: string): string {
  return /^src\/([^/]+)\//.exec(file)?.[1] ?? "";
}

function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
