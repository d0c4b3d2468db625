import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { exportTree } from "../../src/git/export-tree.ts";
import { currentBranch } from "../../src/git/current-branch.ts";
import { findCommit, mergeBase } from "../../src/git/find-commit.ts";
import { findRepository } from "../../src/git/find-repository.ts";
import { isModified } from "../../src/git/is-modified.ts";
import { readHistory } from "../../src/git/read-history.ts";
import { gitEnvironment, gitRepository } from "../support/git-repository.ts";
import { tempDirectory } from "../support/temp-directory.ts";

/** A program that leaves its name where the test looks. */
async function trap(directory: string): Promise<{ program: string; sprung: () => boolean }> {
  const marker = join(directory, "marker");
  const program = join(directory, "trap");
  await Bun.write(program, `#!/bin/sh\necho "$0 $*" >> ${marker}\n`);
  await chmod(program, 0o755);
  return { program, sprung: () => existsSync(marker) };
}

/** Whatever can name a program in a repository's config. */
function configOf(program: string): string {
  return `[core]
\trepositoryformatversion = 1
\tfsmonitor = ${program}
\tpager = ${program}
\teditor = ${program}
\taskPass = ${program}
\tsshCommand = ${program}
\tgitProxy = ${program}
\thooksPath = ${join(program, "..", "hooks")}
\talternateRefsCommand = ${program}
[alias]
\tlog = !${program}
\trev-parse = !${program}
\tls-tree = !${program}
\tconfig = !${program}
[pager]
\tlog = ${program}
\trev-parse = ${program}
\tconfig = ${program}
[log]
\tshowSignature = true
\tfollow = true
\tmailmap = true
\tdecorate = full
[gpg]
\tprogram = ${program}
[gpg "ssh"]
\tprogram = ${program}
\tdefaultKeyCommand = ${program}
[diff]
\texternal = ${program}
\trenames = copies
\trelative = true
[diff "trap"]
\ttextconv = ${program}
\tcommand = ${program}
[filter "trap"]
\tclean = ${program}
\tsmudge = ${program}
\tprocess = ${program}
\trequired = true
[filter "a.b=c"]
\tclean = ${program}
\tprocess = ${program}
\trequired = true
[merge "trap"]
\tdriver = ${program}
[credential]
\thelper = ${program}
[interactive]
\tdiffFilter = ${program}
[uploadpack]
\tpackObjectsHook = ${program}
[remote "origin"]
\turl = ssh://example.invalid/app
\tuploadpack = ${program}
\treceivepack = ${program}
\tvcs = ${program}
\tpromisor = true
\tpartialclonefilter = blob:none
[extensions]
\tpartialClone = origin
[protocol]
\tallow = always
`;
}

const signature = ` -----BEGIN PGP SIGNATURE-----
 
 iQEzBAABCAAdFiEE
 -----END PGP SIGNATURE-----
`;

test("nothing that a hostile repository names is run", async () => {
  await using directory = await tempDirectory();
  const { program, sprung } = await trap(directory.path);
  await using repository = await gitRepository();
  const files = {
    ".gitattributes": "* filter=trap diff=trap merge=trap\n*.c filter=a.b=c\n",
    "images/a/f": "1",
  };
  await repository.commit(100, files);
  await repository.commit(200, { "images/b/f": "1", "images/b/f.c": "1" });
  // A signed commit makes git ask for the signature's program.
  const commit = (await repository.git("cat-file", "commit", "HEAD")).replace(
    "\n\n",
    `\ngpgsig${signature}\n`,
  );
  const raw = join(directory.path, "commit");
  await Bun.write(raw, `${commit}\n`);
  const signed = await repository.git("hash-object", "-t", "commit", "-w", raw);
  await repository.git("update-ref", "refs/heads/main", signed);
  // An object that is not there: a partial clone would fetch it.
  const tree = await repository.git("rev-parse", "HEAD~1^{tree}");
  await rm(join(repository.path, ".git/objects", tree.slice(0, 2), tree.slice(2)));
  const pristine = join(directory.path, "config");
  await cp(join(repository.path, ".git/config"), pristine);
  await Bun.write(join(repository.path, ".git/config"), configOf(program));
  const hooks = join(directory.path, "hooks");
  await mkdir(hooks);
  for (const hook of ["post-index-change", "post-checkout", "reference-transaction"]) {
    await cp(program, join(hooks, hook));
  }
  // Found by whoever trusts the working directory.
  await cp(program, join(repository.path, "git"));
  const environment = { ...gitEnvironment, PATH: `.::bin:${gitEnvironment.PATH}` };
  const history = async () =>
    readHistory(repository.path, [join(repository.path, "images/b")], { environment });
  await history().catch(() => undefined);
  expect(sprung()).toBe(false);

  // The same with all objects there is an answer, and still nothing was run.
  await Bun.write(join(repository.path, ".git/config"), await Bun.file(pristine).text());
  await repository.git("checkout", "-q", "--orphan", "fresh");
  await repository.commit(300, { "images/b/f": "2" });
  await Bun.write(join(repository.path, ".git/config"), configOf(program));
  expect((await history())?.project?.time).toBe(300);
  const found = await findRepository(repository.path, environment);
  if (found === undefined) throw new Error("There is no repository");
  const tip = await findCommit(found, "HEAD");
  expect(await mergeBase(found, tip)).toBe(tip);
  const wants = (): boolean => true;
  await exportTree(found, tip, { paths: [], directory: join(directory.path, "out"), wants });
  expect(await Bun.file(join(directory.path, "out/images/b/f")).text()).toBe("2");
  expect(sprung()).toBe(false);
  // To compare files git would run their filters, and their names are the repository's.
  await repository.write({ "images/b/f": "3" });
  expect(await isModified(found)).toBe(true);
  await repository.write({ "images/b/f": "2" });
  expect(await isModified(found)).toBe(false);
  expect(await currentBranch(found)).toBe("fresh");
  expect(sprung()).toBe(false);

  // That the traps would spring where git is run carelessly.
  const careless = Bun.spawn(["git", "log", "-p"], {
    cwd: repository.path,
    env: { ...gitEnvironment },
    stdout: "ignore",
    stderr: "ignore",
  });
  await careless.exited;
  expect(sprung()).toBe(true);
});

test("a directory that only looks like a repository is none, and variables of a hook are not followed", async () => {
  await using other = await gitRepository();
  await other.commit(100, { "images/a/f": "1" });
  await using directory = await tempDirectory();
  await cp(join(other.path, ".git"), directory.path, { recursive: true });
  const environment = gitEnvironment;
  expect(await readHistory(directory.path, [], { environment }).catch(() => "refused")).toBe(
    "refused",
  );
  await using repository = await gitRepository();
  await repository.commit(200, { f: "1" });
  const hook = { ...environment, GIT_DIR: join(other.path, ".git"), GIT_WORK_TREE: other.path };
  const history = await readHistory(repository.path, [], { environment: hook });
  expect(history?.project?.time).toBe(200);
});

test("a git that does not answer, or says too much, is ended", async () => {
  await using directory = await tempDirectory();
  const git = join(directory.path, "git");
  await Bun.write(git, "#!/bin/sh\nyes\n");
  await chmod(git, 0o755);
  const environment = { PATH: `${directory.path}:/usr/bin:/bin` };
  const history = readHistory(directory.path, [], { environment });
  expect(history).rejects.toThrow("printed more than");
  await history.catch(() => undefined);
  const stop = new AbortController();
  await Bun.write(git, "#!/bin/sh\nexec sleep 60\n");
  const waiting = readHistory(directory.path, [], { environment, signal: stop.signal });
  stop.abort(new Error("enough"));
  expect(waiting).rejects.toThrow("enough");
  await waiting.catch(() => undefined);
});
