import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import type { Environment } from "../base/environment.ts";
import { errorMessage } from "../base/error-message.ts";
import { HiveError } from "../base/hive-error.ts";
import { isMissingFile, systemErrorCode } from "../base/system-error.ts";

/** One entry of a kubeconfig, with the directory of its file: relative paths begin there. */
export type KubeEntry = { readonly fields: Fields; readonly directory: string };

/** Scalars are texts as they are written: an unquoted token of digits is no number. */
export type Fields = { readonly get: (name: string) => unknown };

/** Several files in one, as kubectl merges them: of entries of a name, and of the current context, the first counts. */
export type Kubeconfig = {
  readonly currentContext: string | undefined;
  readonly contexts: ReadonlyMap<string, KubeEntry>;
  readonly clusters: ReadonlyMap<string, KubeEntry>;
  readonly users: ReadonlyMap<string, KubeEntry>;
};

const sizeLimit = 16 * 1024 * 1024;

/**
 * Reads the files of KUBECONFIG, or `~/.kube/config`. Those that are not there are left out, as kubectl does.
 * @throws HiveError "usage"
 */
export async function readKubeconfig(env: Environment): Promise<Kubeconfig> {
  const named = (env["KUBECONFIG"] ?? "").split(":").filter((path) => path !== "");
  const home = env["HOME"] ?? homedir();
  const paths = named.length === 0 ? [join(home, ".kube/config")] : named;
  const maps = {
    contexts: new Map<string, KubeEntry>(),
    clusters: new Map<string, KubeEntry>(),
    users: new Map<string, KubeEntry>(),
  };
  let currentContext: string | undefined;
  for (const path of paths) {
    const fields = await readFields(path);
    if (fields === undefined) continue;
    currentContext ??= textOf(fields.get("current-context"));
    for (const [list, key] of [
      ["contexts", "context"],
      ["clusters", "cluster"],
      ["users", "user"],
    ] as const) {
      for (const item of listOf(fields.get(list))) {
        const name = textOf(fieldsOf(item).get("name"));
        if (name === undefined || maps[list].has(name)) continue;
        const entry = {
          fields: fieldsOf(fieldsOf(item).get(key)),
          directory: dirname(resolve(path)),
        };
        maps[list].set(name, entry);
      }
    }
  }
  return { currentContext, ...maps };
}

/** A text that is there: empty ones and nulls are none. */
export function textOf(value: unknown): string | undefined {
  return typeof value !== "string" || ["", "null", "~"].includes(value) ? undefined : value;
}

/** An empty list for what is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** No fields for what has none. */
export function fieldsOf(value: unknown): Fields {
  const record = typeof value === "object" && value !== null ? value : {};
  return {
    get: (name) =>
      Object.hasOwn(record, name) ? (record as Record<string, unknown>)[name] : undefined,
  };
}

async function readFields(path: string): Promise<Fields | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw unreadable(path, systemErrorCode(error) ?? errorMessage(error), error);
  }
  if (text.length > sizeLimit) throw unreadable(path, "it is too long");
  try {
    return fieldsOf(parse(text, { schema: "failsafe", logLevel: "error" }));
  } catch (error) {
    // Not the parser's frame: the text has secrets.
    const place = /at line \d+, column \d+/.exec(errorMessage(error))?.[0] ?? "";
    throw unreadable(path, `it is no YAML ${place}`.trim());
  }
}

function unreadable(path: string, reason: string, cause?: unknown): HiveError {
  return new HiveError("usage", `Cannot read the kubeconfig "${path}": ${reason}`, {
    hint: "KUBECONFIG names it, or it is the usual one: see whether kubectl config view works.",
    cause,
  });
}
