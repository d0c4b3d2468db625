import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { tempDirectory } from "./temp-directory.ts";

export type GitRepository = AsyncDisposable & {
  /** Absolute, links resolved. */
  readonly path: string;
  /** Runs git here. @throws Error with what it printed. Returns its standard output without the last line break. */
  git(...args: string[]): Promise<string>;
  /** Writes files; `-> target` makes a symlink, a text that begins with `#!` an executable. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Writes files and commits everything that there is, at `time` seconds since 1970. Returns the commit. */
  commit(time: number, files?: Readonly<Record<string, string>>): Promise<string>;
};

/** Git without the settings of whoever runs the tests. */
export const gitEnvironment = {
  PATH: process.env["PATH"],
  HOME: "/nonexistent",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
} as const;

/** A repository in a directory of its own, or at `path`, removed at the end; `how` replaces its creation by `git init`. */
export async function gitRepository(
  how: { readonly path?: string; readonly create?: readonly string[] } = {},
): Promise<GitRepository> {
  const directory = await tempDirectory();
  const path = how.path ?? join(directory.path, "repository");
  const run = async (cwd: string, args: readonly string[], time = 0): Promise<string> => {
    const date = `@${time} +0000`;
    const child = Bun.spawn(["git", "-c", "protocol.file.allow=always", ...args], {
      cwd,
      env: {
        ...gitEnvironment,
        GIT_AUTHOR_NAME: "a",
        GIT_AUTHOR_EMAIL: "a@example.com",
        GIT_COMMITTER_NAME: "a",
        GIT_COMMITTER_EMAIL: "a@example.com",
        GIT_AUTHOR_DATE: date,
        GIT_COMMITTER_DATE: date,
      },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr, code] = await Promise.all([
      child.stdout.text(),
      child.stderr.text(),
      child.exited,
    ]);
    if (code !== 0) throw new Error(`git ${args.join(" ")} failed:\n${stdout}${stderr}`);
    return stdout.replace(/\n$/, "");
  };
  await mkdir(dirname(path), { recursive: true });
  await run(directory.path, [...(how.create ?? ["init", "-q", "-b", "main"]), path]);

  const write: GitRepository["write"] = async (files) => {
    for (const [name, content] of Object.entries(files)) {
      const file = join(path, name);
      await mkdir(dirname(file), { recursive: true });
      if (content.startsWith("-> ")) await symlink(content.slice(3), file);
      else await writeFile(file, content);
      if (content.startsWith("#!")) await chmod(file, 0o755);
    }
  };
  return {
    path,
    git: (...args) => run(path, args),
    write,
    async commit(time, files = {}) {
      await write(files);
      await run(path, ["add", "--all"], time);
      await run(path, ["commit", "-q", "--allow-empty", "-m", `at ${time}`], time);
      return await run(path, ["rev-parse", "HEAD"]);
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}
