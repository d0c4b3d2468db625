import { isRecord } from "../../base/is-record.ts";
import { type Descriptor, parseDescriptor } from "../../oci/descriptor.ts";
import { type Digest, parseDigest } from "../../oci/digest.ts";
import { isRepositoryName, isTag } from "../../oci/reference.ts";
import type { ManifestRecord } from "./metadata-store.ts";

/** One change of what a registry knows, as a journal keeps it. To make one twice is to make it once. */
export type MetadataChange =
  /** Adds a manifest and points tags to it. */
  | {
      readonly op: "put";
      readonly repository: string;
      readonly record: ManifestRecord;
      readonly tags: readonly string[];
      /** By `Date.now()`. */
      readonly at: number;
      /** When it was given its last tag, where that is not `at`: in the change that stands for all before it. */
      readonly pushed?: number;
    }
  | {
      readonly op: "untag";
      readonly repository: string;
      readonly tag: string;
      readonly at: number;
    }
  /** Removes a manifest and the tags that point to it. */
  | { readonly op: "delete"; readonly repository: string; readonly digest: Digest }
  | { readonly op: "link"; readonly repository: string; readonly blobs: readonly Digest[] }
  | { readonly op: "unlink"; readonly repository: string; readonly blobs: readonly Digest[] };

/**
 * Reads what `JSON.stringify` made of a change.
 * @throws SyntaxError when it is none that this version knows.
 */
export function parseMetadataChange(text: string): MetadataChange {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value)) throw new SyntaxError("a change is no object");
  const repository = check(value["repository"], isRepositoryName, "repository");
  switch (value["op"]) {
    case "put": {
      const tags = list(value["tags"], "tags", (tag) => check(tag, isTag, "tag"));
      const record = parseRecord(value["record"]);
      const at = count(value["at"], "at");
      const { pushed } = value;
      const times = { at, ...(pushed === undefined ? {} : { pushed: count(pushed, "pushed") }) };
      return { op: "put", repository, record, tags, ...times };
    }
    case "untag": {
      const tag = check(value["tag"], isTag, "tag");
      return { op: "untag", repository, tag, at: count(value["at"], "at") };
    }
    case "delete":
      return { op: "delete", repository, digest: digest(value["digest"]) };
    case "link":
    case "unlink":
      return { op: value["op"], repository, blobs: list(value["blobs"], "blobs", digest) };
    default:
      throw new SyntaxError("a change of an unknown kind");
  }
}

function parseRecord(value: unknown): ManifestRecord {
  if (!isRecord(value)) throw new SyntaxError("the record is no object");
  const { mediaType, size } = parseDescriptor(value, "the record");
  const record = {
    digest: digest(value["digest"]),
    mediaType,
    size,
    content: list(value["content"], "content", digest),
  };
  const { referrer } = value;
  if (referrer === undefined) return record;
  if (!isRecord(referrer)) throw new SyntaxError("the referrer is no object");
  const descriptor: Descriptor = parseDescriptor(referrer["descriptor"], "the referrer");
  return { ...record, referrer: { subject: digest(referrer["subject"]), descriptor } };
}

function list<Item>(value: unknown, name: string, parse: (item: unknown) => Item): Item[] {
  if (!Array.isArray(value)) throw new SyntaxError(`${name} is no list`);
  return value.map((item) => parse(item));
}

function digest(value: unknown): Digest {
  return parseDigest(String(value));
}

function count(value: unknown, name: string): number {
  if (typeof value !== "number") throw new SyntaxError(`${name} is no number`);
  return value;
}

function check(value: unknown, valid: (text: string) => boolean, name: string): string {
  if (typeof value !== "string" || !valid(value)) throw new SyntaxError(`${name} is not valid`);
  return value;
}
