import { chmod, copyFile, mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { requireEnv } from "./require-env.ts";
import { tempDirectory } from "./temp-directory.ts";

/** A file's text or bytes, a file with a mode, or a link. */
export type ProjectFile =
  | string
  | Uint8Array
  | { readonly content: string | Uint8Array; readonly mode: number }
  | { readonly symlink: string };

export type ProjectDirectory = AsyncDisposable & {
  /** Absolute. */
  readonly path: string;
  /** Writes a file below the project, as the files at the start. */
  write(path: string, file: ProjectFile): Promise<void>;
};

/**
 * A small project in a directory of its own, removed at the end.
 * It has a `hive.yml` and an image `base:1.0` with a shell and the usual commands, so that
 * `FROM __hive__/base:1.0` and `RUN` work without any network; `files` come on top and may replace each of them.
 */
export async function projectDirectory(
  files: Readonly<Record<string, ProjectFile>> = {},
): Promise<ProjectDirectory> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await tempDirectory());
  const write = (file: string, content: ProjectFile): Promise<void> =>
    writeFile(join(path, file), content);
  for (const [file, content] of Object.entries({ ...baseFiles, ...files })) {
    await write(file, content);
  }
  const busybox = join(path, "images/base/busybox");
  await copyFile(requireEnv("HIVE_TEST_BUSYBOX"), busybox);
  await chmod(busybox, 0o755);
  const owned = stack.move();
  return { path, write, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const baseFiles: Readonly<Record<string, ProjectFile>> = {
  "hive.yml": "# A project of the tests.\n",
  "images/base/image.yml": 'tags:\n  - name: "1.0"\n',
  "images/base/Dockerfile": `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin"]
`,
};

async function writeFile(path: string, file: ProjectFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (typeof file === "string" || file instanceof Uint8Array) {
    await Bun.write(path, file);
  } else if ("symlink" in file) {
    await symlink(file.symlink, path);
  } else {
    await Bun.write(path, file.content);
    await chmod(path, file.mode);
  }
}
