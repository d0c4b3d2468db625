import { join, resolve } from "node:path";
import type { ArgsDef, ParsedArgs } from "citty";
import { HiveError } from "../../base/hive-error.ts";
import type { ServerSettings, TlsSettings } from "../../server/server-settings.ts";
import type { App } from "../app.ts";
import { listOf, numberOf } from "../arguments.ts";
import { readBytes, readDuration } from "../read-value.ts";
import { readMirrors } from "./read-mirrors.ts";
import { readRole } from "./read-role.ts";
import { storageDirectory, storageFlag } from "./storage-directory.ts";
import { usersFile } from "./users-file.ts";

/** What `hive registry start` can be told. */
export const serverFlags = {
  port: {
    type: "string",
    default: "5000",
    valueHint: "number",
    description: "The port to listen on; 0 takes any that is free",
  },
  host: {
    type: "string",
    default: "127.0.0.1",
    valueHint: "address",
    description: "The address to listen on",
  },
  ...storageFlag,
  ephemeral: {
    type: "boolean",
    description: "Keep everything in a temporary directory, which goes with the server",
  },
  secure: {
    type: "boolean",
    description: "TLS by an authority of its own, and users: made at the first start",
  },
  "tls-cert": {
    type: "string",
    valueHint: "file",
    description: "A certificate of your own (PEM), with those between it and its authority",
  },
  "tls-key": { type: "string", valueHint: "file", description: "The key of that certificate" },
  htpasswd: {
    type: "string",
    valueHint: "file",
    description: "Users of your own, bcrypt only (default with --secure: users in the storage)",
  },
  anonymous: {
    type: "enum",
    options: ["none", "read"],
    default: "none",
    valueHint: "what",
    description: "What those may do who don't log in, where there are users: none or read",
  },
  name: {
    type: "string",
    valueHint: "name,...",
    description:
      "Names and addresses that clients reach it by, besides localhost and this host's name",
  },
  san: { type: "string", valueHint: "name,...", description: "The same as --name" },
  "insecure-listen": {
    type: "boolean",
    description: "Listen beyond this machine without TLS or users",
  },
  sync: {
    type: "enum",
    options: ["always", "never"],
    default: "always",
    valueHint: "when",
    description:
      "Whether a push is answered when it is on disk (always) or handed to the system (never)",
  },
  "incomplete-images": {
    type: "enum",
    options: ["refuse", "accept"],
    default: "refuse",
    valueHint: "policy",
    description: "What to do with an image that is pushed before its layers",
  },
  role: {
    type: "enum",
    options: ["sandbox", "ci", "prod", "archive"],
    default: "sandbox",
    valueHint: "role",
    description: "What it is for: in prod and archive, tags are neither moved nor deleted",
  },
  "mutable-tags": {
    type: "string",
    valueHint: "glob,...",
    description: "Tags that are, all the same (default in prod: latest)",
  },
  mirror: {
    type: "string",
    valueHint: "name[=url],...",
    description: "Registries to keep copies of, as docker.io or ghcr.io=https://cache.acme.test",
  },
  "mirror-ttl": {
    type: "string",
    default: "5m",
    valueHint: "span",
    description: "How long a tag of theirs counts before they are asked for it again",
  },
  "mirror-authfile": {
    type: "string",
    valueHint: "file",
    description:
      "Credentials for them, in the form of Docker's config.json (default: what logins stored)",
  },
  "mirror-downloads": {
    type: "string",
    default: "16",
    valueHint: "number",
    description: "How many blobs of theirs are fetched at a time",
  },
  "gc-interval": {
    type: "string",
    default: "1h",
    valueHint: "span",
    description: "How often to remove what nothing needs; 0 for never",
  },
  "gc-grace": {
    type: "string",
    default: "1h",
    valueHint: "span",
    description: "How long content may wait for its manifest",
  },
  "gc-untagged": {
    type: "string",
    valueHint: "span",
    description: "Also remove images that have had no tag for so long (default: keep them)",
  },
  "max-manifest-size": {
    type: "string",
    default: "4MiB",
    valueHint: "size",
    description: "The biggest manifest that is taken",
  },
  "max-repositories": {
    type: "string",
    valueHint: "number",
    description: "How many repositories there may be (default: any number)",
  },
  "max-storage": {
    type: "string",
    valueHint: "size",
    description: "How much may be stored (default: what the disk takes)",
  },
  "min-free-space": {
    type: "string",
    default: "256MiB",
    valueHint: "size",
    description: "Take nothing more when the disk has less left than this",
  },
  "stop-grace": {
    type: "string",
    default: "30s",
    valueHint: "span",
    description: "How long pushes may take to end when the server is stopped",
  },
  "access-log": {
    type: "string",
    valueHint: "file",
    description:
      "Log requests as JSON lines; - for stdout (default with --detach: access.log in the storage)",
  },
} as const satisfies ArgsDef;

type Args = ParsedArgs<typeof serverFlags>;

/** @throws HiveError "usage" */
export function readServerSettings(app: App, args: Args): ServerSettings {
  if (args.ephemeral === true && (args.storage !== undefined || args.secure === true)) {
    throw new HiveError("usage", "Cannot use --ephemeral with --storage or --secure", {
      hint: "An ephemeral registry keeps nothing, no certificate either: leave out --ephemeral.",
    });
  }
  if (args.anonymous !== "none" && args.secure !== true && args.htpasswd === undefined) {
    throw new HiveError("usage", "Cannot use --anonymous without users: everybody may push", {
      hint: "Add --secure or --htpasswd FILE.",
    });
  }
  const storage = args.ephemeral === true ? undefined : storageDirectory(app, args.storage);
  const path = (file: string): string => resolve(app.cwd, file);
  return {
    storage,
    hostname: args.host,
    port: readPort(args.port),
    names: [...new Set([...listOf(args.name), ...listOf(args.san)])],
    tls: readTls(args, storage, path),
    users: readUsers(args, storage, path),
    anonymous: args.anonymous,
    insecureListen: args["insecure-listen"] === true,
    sync: args.ephemeral === true ? "never" : args.sync,
    stopGrace: readDuration("stop-grace", args["stop-grace"]),
    gc: {
      interval: readDuration("gc-interval", args["gc-interval"]),
      grace: readDuration("gc-grace", args["gc-grace"]),
      untaggedAfter: optional(args["gc-untagged"], (text) => readDuration("gc-untagged", text)),
    },
    limits: { manifestSize: readBytes("max-manifest-size", args["max-manifest-size"]) },
    storageLimits: {
      maxRepositories: optional(args["max-repositories"], (text) =>
        numberOf("max-repositories", text, 1),
      ),
      maxStorage: optional(args["max-storage"], (text) => readBytes("max-storage", text)),
      minFreeSpace: readBytes("min-free-space", args["min-free-space"]),
    },
    incompleteImages: args["incomplete-images"],
    ...readRole(args),
    ...readMirrors(app, args),
    accessLog: readAccessLog(args["access-log"], path),
  };
}

function readPort(text: string): number {
  const port = numberOf("port", text, 0);
  if (port <= 65_535) return port;
  throw new HiveError("usage", `Cannot use --port=${text}: the highest port is 65535`, {
    hint: "Give a lower one, or 0 for any that is free.",
  });
}

function readTls(
  args: Args,
  storage: string | undefined,
  path: (file: string) => string,
): TlsSettings {
  const { "tls-cert": certificate, "tls-key": key } = args;
  if (certificate !== undefined && key !== undefined) {
    return { kind: "files", certificate: path(certificate), key: path(key) };
  }
  if (certificate !== undefined || key !== undefined) {
    throw new HiveError("usage", "Cannot use one of --tls-cert and --tls-key without the other", {
      hint: "Give both: the certificate and its private key.",
    });
  }
  if (args.secure !== true || storage === undefined) return { kind: "none" };
  return { kind: "authority", directory: join(storage, "certificates") };
}

function readUsers(
  args: Args,
  storage: string | undefined,
  path: (file: string) => string,
): string | undefined {
  if (args.htpasswd !== undefined) return path(args.htpasswd);
  return args.secure === true && storage !== undefined ? usersFile(storage) : undefined;
}

function readAccessLog(
  file: string | undefined,
  path: (file: string) => string,
): string | undefined {
  return file === undefined || file === "-" ? file : path(file);
}

function optional<T>(text: string | undefined, read: (text: string) => T): T | undefined {
  return text === undefined ? undefined : read(text);
}
