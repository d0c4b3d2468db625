import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Buildkitd, startBuildkitd } from "../../support/buildkitd.ts";
import type { Workbench } from "./workbench.ts";

export const operations = [
  "push",
  "pull",
  "copy",
  "delete",
  "mount",
  "referrers",
  "cache export",
  "cache import",
] as const;

export type Operation = (typeof operations)[number];

/** What a client does with the registry, or why it can't. Each throws when the outcome is not what it must be. */
type Cell = ((bench: Workbench) => Promise<void>) | string;

const noCache = "keeps no build cache";
const noReferrers = "has no command for it";

/** The clients by name and what each can do. */
export const clientMatrix: Readonly<Record<string, Readonly<Record<Operation, Cell>>>> = {
  docker: {
    async push(bench) {
      const { address, run } = bench;
      await bench.seed("seed");
      await run("docker", "pull", `${address}/seed:image`);
      await run("docker", "tag", `${address}/seed:image`, `${address}/docker/pushed:1`);
      await run("docker", "push", `${address}/docker/pushed:1`);
      await bench.expectStored("docker/pushed", "1");
    },
    async pull(bench) {
      await bench.seed("seed");
      await bench.run("docker", "pull", `${bench.address}/seed:index`);
      const format = "{{index .RepoDigests 0}}";
      const image = `${bench.address}/seed:index`;
      expectIn(await bench.run("docker", "inspect", "--format", format, image), bench.index.digest);
    },
    copy: "has no command for it without BuildKit's",
    delete: "has no command for it",
    async mount(bench) {
      const { address, run } = bench;
      await bench.seed("seed");
      await run("docker", "pull", `${address}/seed:image`);
      await run("docker", "tag", `${address}/seed:image`, `${address}/docker/mounted:1`);
      await run("docker", "push", `${address}/docker/mounted:1`);
      await bench.expectStored("docker/mounted", "1");
      expectMount(bench, "docker/mounted");
    },
    referrers: noReferrers,
    "cache export": "is BuildKit's",
    "cache import": "is BuildKit's",
  },
  BuildKit: {
    async push(bench) {
      await using daemon = await startBuildkitd();
      await buildkit(bench, daemon, pushTo(bench, "buildkit/pushed:1"));
      await bench.expectStored("buildkit/pushed", "1");
    },
    async pull(bench) {
      await using daemon = await startBuildkitd();
      await bench.seed("seed");
      bench.requests();
      await buildkit(bench, daemon, "--output=type=oci,dest=out.tar", "seed:index");
      expectRequest(bench, "GET", "/v2/seed/blobs/");
    },
    copy: "has no command for it",
    delete: "has no command for it",
    mount:
      "version 0.32 asks for none, and sends the layers of a base image from the same registry itself",
    referrers: "attaches by an index of its own",
    async "cache export"(bench) {
      await using daemon = await startBuildkitd();
      for (const asImage of ["true", "false"]) {
        const cache = `type=registry,ref=${bench.address}/buildkit/cache:${asImage},mode=max`;
        const flag = `--export-cache=${cache},image-manifest=${asImage}`;
        await buildkit(bench, daemon, flag);
        const { status } = await bench.ask("GET", `/v2/buildkit/cache/manifests/${asImage}`);
        if (status !== 200) throw new Error(`Expected a cache, got ${status}`);
      }
    },
    async "cache import"(bench) {
      for (const asImage of ["true", "false"]) {
        const cache = `type=registry,ref=${bench.address}/buildkit/cache:${asImage}`;
        {
          await using first = await startBuildkitd();
          const flag = `--export-cache=${cache},mode=max,image-manifest=${asImage}`;
          expectNotIn(await buildkit(bench, first, flag), "CACHED");
        }
        await using second = await startBuildkitd();
        expectIn(await buildkit(bench, second, `--import-cache=${cache}`), "CACHED");
      }
    },
  },
  skopeo: {
    async push(bench) {
      await bench.run(...skopeoCopy, "--all", "oci:layout:index", docker(bench, "skopeo/pushed:1"));
      await bench.expectStored("skopeo/pushed", "1", bench.index.digest);
      const schema2 = docker(bench, "skopeo/schema2:1");
      await bench.run(...skopeoCopy, "--format", "v2s2", "oci:layout:image", schema2);
      await bench.expectStored("skopeo/schema2", "1");
      const { headers } = await bench.ask("HEAD", "/v2/skopeo/schema2/manifests/1");
      expectIn(headers.get("content-type") ?? "", "vnd.docker.distribution.manifest.v2+json");
    },
    async pull(bench) {
      await bench.seed("seed");
      await bench.run(...skopeoCopy, "--all", docker(bench, "seed:index"), "oci:pulled:1");
      await expectBlob(bench, "pulled", bench.index.digest);
    },
    async copy(bench) {
      await bench.seed("seed");
      const [from, to] = [docker(bench, "seed:index"), docker(bench, "skopeo/copied:1")];
      await bench.run(...skopeoCopy, "--all", from, to);
      await bench.expectStored("skopeo/copied", "1", bench.index.digest);
    },
    async delete(bench) {
      await bench.seed("gone");
      await bench.run("skopeo", "delete", "--tls-verify=false", docker(bench, "gone:image"));
      await expectGone(bench, `/v2/gone/manifests/${bench.image.digest}`);
    },
    async mount(bench) {
      // What it pushed itself it knows the place of.
      await bench.run(...skopeoCopy, "oci:layout:image", docker(bench, "skopeo/one:1"));
      bench.requests();
      const [from, to] = [docker(bench, "skopeo/one:1"), docker(bench, "skopeo/two:1")];
      await bench.run(...skopeoCopy, from, to);
      await bench.expectStored("skopeo/two", "1", bench.image.digest);
      expectMount(bench, "skopeo/two");
    },
    referrers: noReferrers,
    "cache export": noCache,
    "cache import": noCache,
  },
  buildah: {
    async push(bench) {
      await buildah(bench, "pull", "oci:layout:image");
      const id = (await buildah(bench, "images", "--quiet")).trim();
      const tls = "--tls-verify=false";
      await buildah(bench, "push", tls, id, docker(bench, "buildah/pushed:1"));
      await bench.expectStored("buildah/pushed", "1");
      const schema2 = docker(bench, "buildah/schema2:1");
      await buildah(bench, "push", tls, "--format", "v2s2", id, schema2);
      await bench.expectStored("buildah/schema2", "1");
    },
    async pull(bench) {
      await bench.seed("seed");
      await buildah(bench, "pull", "--tls-verify=false", docker(bench, "seed:index"));
      expectIn(await buildah(bench, "images"), `${bench.address}/seed`);
    },
    copy: "has no command for it",
    delete: "has no command for it",
    async mount(bench) {
      await buildah(bench, "pull", "oci:layout:image");
      const id = (await buildah(bench, "images", "--quiet")).trim();
      await buildah(bench, "push", "--tls-verify=false", id, docker(bench, "buildah/one:1"));
      bench.requests();
      await buildah(bench, "push", "--tls-verify=false", id, docker(bench, "buildah/two:1"));
      await bench.expectStored("buildah/two", "1");
      expectMount(bench, "buildah/two");
    },
    referrers: noReferrers,
    "cache export": "its cache images are those of a build; BuildKit's stand for them here",
    "cache import": "its cache images are those of a build; BuildKit's stand for them here",
  },
  crane: {
    async push(bench) {
      await bench.seed("seed");
      await crane(bench, "pull", "--format", "oci", `${bench.address}/seed:index`, "crane-layout");
      await crane(bench, "push", "--index", "crane-layout", `${bench.address}/crane/pushed:1`);
      // It wraps what it pulled into an index of its own.
      await bench.expectStored("crane/pushed", "1");
    },
    async pull(bench) {
      await bench.seed("seed");
      await crane(bench, "pull", "--format", "oci", `${bench.address}/seed:index`, "pulled");
      await expectBlob(bench, "pulled", bench.index.digest);
    },
    async copy(bench) {
      await bench.seed("seed");
      await crane(bench, "copy", `${bench.address}/seed:index`, `${bench.address}/crane/copied:1`);
      await bench.expectStored("crane/copied", "1", bench.index.digest);
    },
    async delete(bench) {
      await bench.seed("gone");
      await crane(bench, "delete", `${bench.address}/gone@${bench.image.digest}`);
      await expectGone(bench, `/v2/gone/manifests/${bench.image.digest}`);
    },
    async mount(bench) {
      await bench.seed("seed");
      bench.requests();
      await crane(bench, "copy", `${bench.address}/seed:image`, `${bench.address}/crane/mounted:1`);
      await bench.expectStored("crane/mounted", "1", bench.image.digest);
      expectMount(bench, "crane/mounted");
    },
    referrers: noReferrers,
    "cache export": noCache,
    "cache import": noCache,
  },
  regctl: {
    async push(bench) {
      await regctl(
        bench,
        "image",
        "copy",
        "ocidir://layout:index",
        `${bench.address}/regctl/pushed:1`,
      );
      await bench.expectStored("regctl/pushed", "1", bench.index.digest);
    },
    async pull(bench) {
      await bench.seed("seed");
      await regctl(bench, "image", "copy", `${bench.address}/seed:index`, "ocidir://pulled:1");
      await expectBlob(bench, "pulled", bench.index.digest);
    },
    async copy(bench) {
      await bench.seed("seed");
      await regctl(
        bench,
        "image",
        "copy",
        `${bench.address}/seed:index`,
        `${bench.address}/regctl/copied:1`,
      );
      await bench.expectStored("regctl/copied", "1", bench.index.digest);
    },
    async delete(bench) {
      await bench.seed("gone");
      await regctl(bench, "tag", "delete", `${bench.address}/gone:image`);
      await expectGone(bench, "/v2/gone/manifests/image");
      await regctl(bench, "manifest", "delete", `${bench.address}/gone@${bench.image.digest}`);
      await expectGone(bench, `/v2/gone/manifests/${bench.image.digest}`);
    },
    async mount(bench) {
      await bench.seed("seed");
      bench.requests();
      await regctl(
        bench,
        "image",
        "copy",
        `${bench.address}/seed:image`,
        `${bench.address}/regctl/mounted:1`,
      );
      await bench.expectStored("regctl/mounted", "1", bench.image.digest);
      expectMount(bench, "regctl/mounted");
    },
    async referrers(bench) {
      await bench.seed("seed");
      const subject = `${bench.address}/seed:image`;
      await Bun.write(join(bench.directory, "sbom.json"), "{}");
      await regctl(
        bench,
        "artifact",
        "put",
        "--artifact-type",
        "application/sbom+json",
        "--subject",
        subject,
        "--file",
        "sbom.json",
      );
      const list = ["artifact", "list", "--filter-artifact-type", "application/sbom+json", subject];
      expectIn(await regctl(bench, ...list), "application/sbom+json");
      expectRequest(bench, "GET", "/v2/seed/referrers/");
    },
    "cache export": noCache,
    "cache import": noCache,
  },
  oras: {
    async push(bench) {
      await Bun.write(join(bench.directory, "hello.txt"), "hello");
      await oras(bench, "push", `${bench.address}/oras/pushed:1`, "hello.txt:text/plain");
      await bench.expectStored("oras/pushed", "1");
      await oras(bench, "cp", "--from-oci-layout", "layout:index", `${bench.address}/oras/index:1`);
      await bench.expectStored("oras/index", "1", bench.index.digest);
    },
    async pull(bench) {
      await bench.seed("seed");
      await oras(bench, "cp", "--to-oci-layout", `${bench.address}/seed:index`, "pulled:1");
      await expectBlob(bench, "pulled", bench.index.digest);
    },
    async copy(bench) {
      await bench.seed("seed");
      await oras(bench, "cp", `${bench.address}/seed:index`, `${bench.address}/oras/copied:1`);
      await bench.expectStored("oras/copied", "1", bench.index.digest);
    },
    async delete(bench) {
      await bench.seed("gone");
      await oras(bench, "manifest", "delete", "--force", `${bench.address}/gone:image`);
      await expectGone(bench, `/v2/gone/manifests/${bench.image.digest}`);
    },
    async mount(bench) {
      await bench.seed("seed");
      bench.requests();
      await oras(bench, "cp", `${bench.address}/seed:image`, `${bench.address}/oras/mounted:1`);
      await bench.expectStored("oras/mounted", "1", bench.image.digest);
      expectMount(bench, "oras/mounted");
    },
    async referrers(bench) {
      await bench.seed("seed");
      await Bun.write(join(bench.directory, "sbom.json"), "{}");
      const subject = `${bench.address}/seed:image`;
      await oras(bench, "attach", "--artifact-type", "application/sbom+json", subject, "sbom.json");
      expectIn(await oras(bench, "discover", subject), "application/sbom+json");
      expectRequest(bench, "GET", "/v2/seed/referrers/");
    },
    "cache export": noCache,
    "cache import": noCache,
  },
};

const skopeoCopy = ["skopeo", "copy", "--src-tls-verify=false", "--dest-tls-verify=false"];

function docker({ address }: Workbench, name: string): string {
  return `docker://${address}/${name}`;
}

async function buildah({ run, directory }: Workbench, ...args: readonly string[]): Promise<string> {
  const storage = ["--root", join(directory, "root"), "--runroot", join(directory, "run")];
  return await run("buildah", ...storage, "--storage-driver", "vfs", ...args);
}

async function crane({ client }: Workbench, ...args: readonly string[]): Promise<string> {
  return await client("crane", "--insecure", ...args);
}

async function regctl(bench: Workbench, ...args: readonly string[]): Promise<string> {
  return await bench.client("regctl", "--host", `reg=${bench.address},tls=disabled`, ...args);
}

async function oras({ client }: Workbench, ...args: readonly string[]): Promise<string> {
  const [command = "", ...rest] = args;
  // Its flags for plain HTTP stand behind the command, and have other names where two registries are meant.
  const http =
    command !== "cp"
      ? ["--plain-http"]
      : [
          ...(args.includes("--from-oci-layout") ? [] : ["--from-plain-http"]),
          ...(args.includes("--to-oci-layout") ? [] : ["--to-plain-http"]),
        ];
  const sub = command === "manifest" ? rest.splice(0, 1) : [];
  return await client("oras", command, ...sub, ...http, ...rest);
}

/** Builds an image of one more file with one more flag, on nothing or on an image of the registry; what it printed. */
async function buildkit(
  bench: Workbench,
  { address }: Buildkitd,
  flag: string,
  base?: string,
): Promise<string> {
  const from = base === undefined ? "scratch" : `${bench.address}/${base}`;
  const context = join(bench.directory, "context");
  await Bun.write(join(context, "hello.txt"), "hello");
  await Bun.write(join(context, "Dockerfile"), `FROM ${from}\nCOPY hello.txt /more.txt\n`);
  const build = ["--addr", address, "build", "--progress=plain", "--frontend=dockerfile.v0"];
  const locals = [`--local=context=${context}`, `--local=dockerfile=${context}`];
  const platform = "--opt=platform=linux/amd64";
  // It prints to stderr.
  const script = 'exec buildctl "$@" 2>&1';
  return await bench.run("sh", "-c", script, "sh", ...build, ...locals, platform, flag);
}

function pushTo({ address }: Workbench, name: string): string {
  return `--output=type=image,name=${address}/${name},push=true`;
}

function expectNotIn(text: string, part: string): void {
  if (text.includes(part)) throw new Error(`Expected no "${part}" in:\n${text}`);
}

function expectIn(text: string, part: string): void {
  if (!text.includes(part)) throw new Error(`Expected "${part}" in:\n${text}`);
}

function expectRequest(bench: Workbench, method: string, path: string): void {
  const all = bench.requests();
  if (!all.some((line) => line.startsWith(`${method} ${path}`))) {
    throw new Error(`Expected ${method} ${path}, but the client sent:\n${all.join("\n")}`);
  }
}

/** Throws unless blobs came to the repository by a mount, and none of those by an upload. */
function expectMount(bench: Workbench, repository: string): void {
  const all = bench.requests();
  const uploads = `/v2/${repository}/blobs/uploads/`;
  const mounted = all.flatMap((line) =>
    line.startsWith(`POST ${uploads}`) ? (/[?&]mount=([^&]+)/.exec(line)?.[1] ?? []) : [],
  );
  // Configs are small, and some clients send them.
  const sent = all.filter(
    (line) => line.startsWith(`PUT ${uploads}`) && mounted.some((digest) => line.includes(digest)),
  );
  if (mounted.length === 0 || sent.length > 0) {
    throw new Error(`Expected mounts and no uploads, but the client sent:\n${all.join("\n")}`);
  }
}

async function expectGone(bench: Workbench, path: string): Promise<void> {
  const { status } = await bench.ask("HEAD", path);
  if (status !== 404) throw new Error(`Expected that ${path} is gone, got ${status}`);
}

async function expectBlob({ directory }: Workbench, layout: string, digest: string): Promise<void> {
  const names = await readdir(join(directory, layout, "blobs/sha256"));
  if (!names.includes(digest.replace("sha256:", ""))) throw new Error(`${layout} lacks ${digest}`);
}
