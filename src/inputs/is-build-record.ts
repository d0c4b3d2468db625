import { isRecord } from "../base/is-record.ts";
import { isDigest } from "../oci/digest.ts";
import type { BuildRecord } from "./build-records.ts";

/** Of a Date. */
const lastTime = 8.64e15;

/** Whether this is a record: the file may be another version's, damaged, or have come with the project. */
export function isBuildRecord(value: unknown): value is BuildRecord {
  if (!isRecord(value) || !isRecord(value["inputs"])) return false;
  const { target, key, digest, time, inputs } = value;
  return (
    isText(target) &&
    (key === undefined || isText(key)) &&
    isDigestText(digest) &&
    typeof time === "number" &&
    Math.abs(time) <= lastTime &&
    isEpoch(inputs["epoch"]) &&
    (inputs["native"] === undefined || isText(inputs["native"])) &&
    [inputs["frontend"], inputs["platform"]].every(isText) &&
    [inputs["dockerfile"], inputs["context"]].every(isDigestText) &&
    nameFields.every((field) => isNames(inputs[field])) &&
    isListOf(inputs["ssh"], isText) &&
    isListOf(inputs["parents"], isParent)
  );
}

const nameFields = [
  "exporter",
  "buildArgs",
  "labels",
  "settings",
  "contexts",
  "secrets",
  "bases",
] as const;

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Seconds; they are shown as a date. */
function isEpoch(value: unknown): boolean {
  return value === undefined || (typeof value === "number" && Math.abs(value) * 1000 <= lastTime);
}

function isDigestText(value: unknown): boolean {
  return isText(value) && isDigest(value);
}

function isNames(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every(isText);
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function isParent(value: unknown): boolean {
  if (!isRecord(value) || !isText(value["target"])) return false;
  const { reference, digest } = value;
  return (
    (reference === undefined || isText(reference)) && (digest === undefined || isDigestText(digest))
  );
}
