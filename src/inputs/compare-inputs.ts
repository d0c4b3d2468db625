import type { Digest } from "../oci/digest.ts";
import { compareListings, type FileChange } from "./compare-listings.ts";
import { diffLines, type LineChange } from "./diff-lines.ts";
import type { ParentInput, TargetInputs } from "./target-inputs.ts";

/** One thing that is not what it was. Without `from` it is new, without `to` it is gone. */
export type InputChange =
  | FileChange
  /** `lines` is absent when the old text is not known any more. */
  | { readonly kind: "dockerfile"; readonly lines?: readonly LineChange[] }
  | {
      readonly kind:
        | "argument"
        | "label"
        | "setting"
        | "context"
        | "secret"
        | "ssh"
        | "base"
        | "exporter"
        /** `to` is absent also for one that must be built first. */
        | "parent"
        | "frontend"
        | "platform"
        | "native platform"
        | "epoch";
      readonly name: string;
      readonly from?: string;
      readonly to?: string;
    };

/** What digests in inputs stand for: the lines and files that changed are told from it. */
export type ComparedTexts = {
  /** What `before` names by digest, as far as it is known. */
  readonly before: (digest: Digest) => string | undefined;
  readonly dockerfile: string;
  readonly listing: () => string;
};

/** What changed between a target's last build and now, each thing once, what people did before what follows from it. */
export function compareInputs(
  before: TargetInputs,
  now: TargetInputs,
  texts: ComparedTexts,
): InputChange[] {
  const dockerfile = dockerfileChanges(before, now, texts);
  const epoch = singleChange("epoch", before.epoch, now.epoch);
  return [
    ...dockerfile,
    ...fileChanges(before, now, texts).filter(
      (change) => dockerfile.length === 0 || !isDockerfile(change),
    ),
    ...nameChanges("argument", before.buildArgs, now.buildArgs),
    ...nameChanges("setting", before.settings, now.settings),
    ...nameChanges("context", before.contexts, now.contexts),
    ...nameChanges("secret", before.secrets, now.secrets),
    ...nameChanges("ssh", idsOf(before.ssh), idsOf(now.ssh)),
    ...nameChanges("parent", parentsOf(before.parents), parentsOf(now.parents)),
    ...nameChanges("base", before.bases, now.bases),
    ...epoch,
    ...nameChanges("label", before.labels, now.labels).filter(
      (change) => epoch.length === 0 || !isTime(change),
    ),
    ...nameChanges("exporter", before.exporter, now.exporter),
    ...singleChange("platform", before.platform, now.platform),
    ...singleChange("native platform", before.native, now.native),
    ...singleChange("frontend", before.frontend, now.frontend),
  ];
}

function dockerfileChanges(
  before: TargetInputs,
  now: TargetInputs,
  texts: ComparedTexts,
): InputChange[] {
  if (before.dockerfile === now.dockerfile) return [];
  const old = texts.before(before.dockerfile);
  const lines = old === undefined ? {} : { lines: diffLines(old, texts.dockerfile) };
  return [{ kind: "dockerfile", ...lines }];
}

function fileChanges(
  before: TargetInputs,
  now: TargetInputs,
  texts: ComparedTexts,
): readonly FileChange[] {
  if (before.context === now.context) return [];
  return compareListings(texts.before(before.context), texts.listing());
}

/** The file in the context, of which the changed lines tell more. */
function isDockerfile({ path, how }: FileChange): boolean {
  return path === "Dockerfile" && how === "content";
}

/** The label that repeats the epoch. */
function isTime(change: InputChange): boolean {
  return change.kind === "label" && change.name === "org.opencontainers.image.created";
}

type NamedKind = Extract<InputChange, { readonly name: string }>["kind"];

type Values = Readonly<Record<string, string | undefined>>;

function nameChanges(kind: NamedKind, before: Values, now: Values): InputChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].toSorted();
  return names.flatMap((name) => {
    const from = before[name];
    const to = now[name];
    const isThere = Object.hasOwn(before, name) === Object.hasOwn(now, name);
    if (from === to && isThere) return [];
    return [
      { kind, name, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) },
    ];
  });
}

function singleChange(
  kind: NamedKind,
  from: string | number | undefined,
  to: string | number | undefined,
): InputChange[] {
  const values = (value: string | number | undefined): Values =>
    value === undefined ? {} : { [kind]: String(value) };
  return nameChanges(kind, values(from), values(to));
}

function idsOf(ids: readonly string[]): Values {
  return Object.fromEntries(ids.map((id) => [id, ""]));
}

/** By target: that one is referred to in another way shows in the Dockerfile. */
function parentsOf(parents: readonly ParentInput[]): Values {
  return Object.fromEntries(parents.map(({ target, digest }) => [target, digest]));
}
