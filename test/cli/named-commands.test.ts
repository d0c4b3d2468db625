import { expect, test } from "bun:test";
import type { CommandEntry } from "../../src/cli/command-table.ts";
import { findCommand } from "../../src/cli/find-command.ts";
import { globalFlags } from "../../src/cli/global-flags.ts";

/** What documents and messages tell people to run: in backticks, or alone in a line of a block of commands. */
function namedIn(text: string, isDocument: boolean): readonly string[] {
  const quoted = [...text.matchAll(/\\?`(hive [^`\\$<]+)/g)];
  const blocks = isDocument ? [...text.matchAll(/^```.*?^```/gms)].join("\n") : text;
  const line = isDocument ? /^(hive [a-z][^#|\n]*)/gm : /^ {2,}(hive [a-z][^(\n]*)\(/gm;
  return [...quoted, ...blocks.matchAll(line)].map(([, command = ""]) => command.trim());
}

/** Words up to what stands for something else: `...`, `[flags]`, `FILE`. */
function wordsOf(command: string): readonly string[] {
  const words = command.split(/\s+/).slice(1);
  const placeholder = words.findIndex((word) => !/^-{0,2}[a-z][\w.:=/-]*$/.test(word));
  return placeholder === -1 ? words : words.slice(0, placeholder);
}

/** What is wrong with a command that somebody is told to run; undefined when nothing is. */
async function whatIsWrong(command: string): Promise<string | undefined> {
  const flags = [...command.matchAll(/(?<![\w-])--([a-z][a-z-]*)/g)].map(([, name = ""]) => name);
  try {
    const { entry } = findCommand(wordsOf(command));
    if ("commands" in entry) return undefined;
    const known = await flagsOf(entry);
    const unknown = flags.filter((name) => !known.has(name.replace(/^no-/, "")));
    return unknown.length === 0 ? undefined : `${command}: no flag ${unknown.join(", ")}`;
  } catch (error) {
    return `${command}: ${String(error)}`;
  }
}

async function flagsOf(entry: CommandEntry): Promise<ReadonlySet<string>> {
  const { args } = await entry.load();
  return new Set([...Object.keys(args ?? {}), ...Object.keys(globalFlags), "help", "version"]);
}

test.each([["."], ["docs"], ["src"]])(
  "every command that %s/ tells to run is there",
  async (directory) => {
    const pattern = directory === "src" ? "**/*.ts" : "*.md";
    const commands = new Set<string>();
    for await (const path of new Bun.Glob(pattern).scan(directory)) {
      for (const command of namedIn(
        await Bun.file(`${directory}/${path}`).text(),
        directory !== "src",
      ))
        commands.add(command);
    }
    expect(commands.size).toBeGreaterThan(10);
    const wrong = await Promise.all([...commands].map(whatIsWrong));
    expect(wrong.filter((text) => text !== undefined)).toEqual([]);
  },
);

test("a command or a flag that is not there is found", async () => {
  const named = namedIn(
    "Run `hive dev buildkit start`, or\n  hive build --frobnicate  (now)\n",
    false,
  );
  expect(await Promise.all(named.map(whatIsWrong))).toEqual([
    expect.stringContaining('Unknown command "dev buildkit"'),
    "hive build --frobnicate: no flag frobnicate",
  ]);
});
