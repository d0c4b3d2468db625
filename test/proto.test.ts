import {
  createFileRegistry,
  type DescField,
  type DescMessage,
  type FileRegistry,
  fromBinary,
} from "@bufbuild/protobuf";
import { type GenFile } from "@bufbuild/protobuf/codegenv2";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { beforeAll, expect, test } from "bun:test";
import { copyFile, mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { file_buildkit_control } from "../src/gen/buildkit/control_pb.ts";
import { file_buildkit_ops } from "../src/gen/buildkit/ops_pb.ts";
import { file_buildkit_worker } from "../src/gen/buildkit/worker_pb.ts";
import { file_google_rpc_status } from "../src/gen/google/rpc/status_pb.ts";
import { file_grpc_health } from "../src/gen/grpc/health_pb.ts";
import { file_session_auth } from "../src/gen/session/auth_pb.ts";
import { file_session_content } from "../src/gen/session/content_pb.ts";
import { file_session_filesync } from "../src/gen/session/filesync_pb.ts";
import { file_session_fsutil } from "../src/gen/session/fsutil_pb.ts";
import { file_session_secrets } from "../src/gen/session/secrets_pb.ts";
import { file_session_sshforward } from "../src/gen/session/sshforward_pb.ts";
import { tempDirectory } from "./support/temp-directory.ts";

const repository = join(import.meta.dir, "..");

/** Compared with upstream's .proto files. */
const fromProtos: readonly GenFile[] = [
  file_buildkit_control,
  file_buildkit_ops,
  file_buildkit_worker,
  file_session_auth,
  file_session_content,
  file_session_filesync,
  file_session_fsutil,
  file_session_secrets,
  file_session_sshforward,
];

/** These modules hold no .proto files: compared with the field tags in their generated Go code. */
const fromGo = [
  {
    file: file_grpc_health,
    module: "google.golang.org/grpc",
    path: "health/grpc_health_v1/health.pb.go",
  },
  {
    file: file_google_rpc_status,
    module: "google.golang.org/genproto/googleapis/rpc",
    path: "status/status.pb.go",
  },
] as const;

/** What upstream's files import each other by: module, folder in it, import path. */
const upstreamFolders = [
  [
    "github.com/moby/buildkit",
    "api/services/control",
    "github.com/moby/buildkit/api/services/control",
  ],
  ["github.com/moby/buildkit", "api/types", "github.com/moby/buildkit/api/types"],
  ["github.com/moby/buildkit", "solver/pb", "github.com/moby/buildkit/solver/pb"],
  ["github.com/moby/buildkit", "sourcepolicy/pb", "github.com/moby/buildkit/sourcepolicy/pb"],
  ["github.com/moby/buildkit", "session/filesync", "github.com/moby/buildkit/session/filesync"],
  ["github.com/moby/buildkit", "session/auth", "github.com/moby/buildkit/session/auth"],
  ["github.com/moby/buildkit", "session/secrets", "github.com/moby/buildkit/session/secrets"],
  ["github.com/moby/buildkit", "session/sshforward", "github.com/moby/buildkit/session/sshforward"],
  [
    "github.com/containerd/containerd/api",
    "services/content/v1",
    "github.com/containerd/containerd/api/services/content/v1",
  ],
  ["github.com/tonistiigi/fsutil", "types", "github.com/tonistiigi/fsutil/types"],
  [
    "github.com/planetscale/vtprotobuf",
    "include/github.com/planetscale/vtprotobuf/vtproto",
    "github.com/planetscale/vtprotobuf/vtproto",
  ],
] as const;

async function run(command: readonly string[], cwd: string): Promise<string> {
  const process = Bun.spawn([...command], { cwd, stdout: "pipe", stderr: "pipe" });
  const [out, problem, code] = await Promise.all([
    new Response(process.stdout).text(),
    new Response(process.stderr).text(),
    process.exited,
  ]);
  if (code !== 0) throw new Error(`Cannot run "${command.join(" ")}": ${problem || out}`);
  return out;
}

/** Where the Go module that our BuildKit pins lies; fetched when it isn't there yet. */
async function moduleDirectory(name: string): Promise<string> {
  const out = await run(
    ["go", "mod", "download", "-json", name],
    join(repository, "scripts/buildkit"),
  );
  return JSON.parse(out).Dir;
}

let upstream: FileRegistry;

beforeAll(async () => {
  await using root = await tempDirectory();
  for (const [module, folder, importPath] of upstreamFolders) {
    const source = join(await moduleDirectory(module), folder);
    await mkdir(join(root.path, importPath), { recursive: true });
    for (const name of await readdir(source)) {
      if (name.endsWith(".proto"))
        await copyFile(join(source, name), join(root.path, importPath, name));
    }
  }
  // Upstream imports it too, and no Go module holds it; it's compared by itself below.
  const status = "google/rpc/status.proto";
  await mkdir(dirname(join(root.path, status)), { recursive: true });
  await copyFile(join(repository, "proto", status), join(root.path, status));
  await Bun.write(join(root.path, "buf.yaml"), "version: v2\n");
  await run([join(repository, "node_modules/.bin/buf"), "build", "-o", "all.binpb"], root.path);
  const set = await Bun.file(join(root.path, "all.binpb")).bytes();
  upstream = createFileRegistry(fromBinary(FileDescriptorSetSchema, set));
}, 120_000);

function describeField(field: DescField): string {
  const kinds: Record<DescField["fieldKind"], () => string> = {
    scalar: () => `scalar ${field.scalar}`,
    enum: () => `enum ${field.enum?.typeName}`,
    message: () => `message ${field.message?.typeName}`,
    list: () => `list of ${elementOf(field)}`,
    map: () => `map of ${field.fieldKind === "map" ? field.mapKey : ""} to ${elementOf(field)}`,
  };
  return `${field.name} = ${field.number}: ${kinds[field.fieldKind]()}`;
}

function elementOf(field: DescField): string {
  return String(field.message?.typeName ?? field.enum?.typeName ?? field.scalar);
}

function messagesOf(file: GenFile): DescMessage[] {
  const all = (messages: readonly DescMessage[]): DescMessage[] =>
    messages.flatMap((message) => [message, ...all(message.nestedMessages)]);
  return all(file.messages);
}

test.each(fromProtos.map((file) => [file.name, file] as const))(
  "proto/%s has no message, enum or method that upstream doesn't have just so",
  (_, file) => {
    expect(messagesOf(file).length + file.services.length).toBeGreaterThan(0);
    for (const message of messagesOf(file)) {
      const theirs = upstream.getMessage(message.typeName);
      expect(theirs?.typeName).toBe(message.typeName);
      const known = theirs?.fields.map(describeField) ?? [];
      for (const field of message.fields) expect(known).toContain(describeField(field));
      for (const { typeName, values } of message.nestedEnums) {
        const theirValues = upstream
          .getEnum(typeName)
          ?.values.map(({ name, number }) => [name, number]);
        expect(theirValues).toEqual(values.map(({ name, number }) => [name, number]));
      }
    }
    for (const service of file.services) {
      const theirs = upstream.getService(service.typeName);
      for (const method of service.methods) {
        const { methodKind, input, output } =
          theirs?.methods.find(({ name }) => name === method.name) ?? {};
        expect([
          service.typeName,
          method.name,
          methodKind,
          input?.typeName,
          output?.typeName,
        ]).toEqual([
          service.typeName,
          method.name,
          method.methodKind,
          method.input.typeName,
          method.output.typeName,
        ]);
      }
    }
  },
);

test.each(fromGo)(
  "proto/$file.name has the names and numbers of $path",
  async ({ file, module, path }) => {
    const source = await Bun.file(join(await moduleDirectory(module), path)).text();
    for (const message of messagesOf(file)) {
      const body =
        new RegExp(`^type ${message.name} struct \\{\n(.*?)^\\}`, "ms").exec(source)?.[1] ?? "";
      const tags = [...body.matchAll(/protobuf:"\w+,(\d+),(\w+),name=(\w+)/g)];
      const theirs = tags.map(([, number, label, name]) => [name, Number(number), label]);
      const ours = message.fields.map(({ name, number, fieldKind }) => [
        name,
        number,
        fieldKind === "list" ? "rep" : "opt",
      ]);
      expect(ours.length).toBeGreaterThan(0);
      for (const field of ours) expect(theirs).toContainEqual(field);
    }
    for (const service of file.services) {
      for (const { name } of service.methods)
        expect(source + (await goStubs(module, path))).toContain(`/${service.typeName}/${name}"`);
    }
  },
);

// gRPC's generator writes method paths to a file of its own.
async function goStubs(module: string, path: string): Promise<string> {
  return Bun.file(
    join(await moduleDirectory(module), path.replace(".pb.go", "_grpc.pb.go")),
  ).text();
}
