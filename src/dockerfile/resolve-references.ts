import type { Diagnostic, Place } from "../base/diagnostic.ts";
import { diagnosticAt, placeAt } from "../base/source-text.ts";
import type { Platform } from "../oci/platform.ts";
import type { Dockerfile } from "./dockerfile.ts";
import { expandWord } from "./expand-word.ts";
import type { References, WrittenReference } from "./find-references.ts";
import { rangeOfText } from "./located-text.ts";
import { platformArgs } from "./platform-args.ts";

/** An image that a build of the Dockerfile uses: stages and `scratch` are none. */
export type ResolvedReference = {
  readonly origin: WrittenReference["origin"];
  /** With all variables replaced: `__hive__/base:1.0`. */
  readonly image: string;
  /** The value of `--platform`; absent means the target's. */
  readonly platform?: string;
  /** Not used by this build, but by those of images that are built on it. */
  readonly onbuild: boolean;
  readonly place: Place;
};

type ResolveOptions = {
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly targetPlatform: Platform;
  /** The platform that the daemon runs on. */
  readonly buildPlatform: Platform;
  /** The stage that is built, by name or number; the last one when absent. */
  readonly stage?: string | undefined;
};

type Resolved = {
  readonly images: readonly ResolvedReference[];
  readonly problems: readonly Diagnostic[];
};

/**
 * The images that one build uses. As in the frontend, variables are replaced in FROM only, with the values of the ARGs
 * before the first FROM; a name that a stage has is that stage: in FROM an earlier one.
 */
export function resolveReferences(
  dockerfile: Dockerfile,
  { references, globalArgs, stages }: References,
  { buildArgs, targetPlatform, buildPlatform, stage: built }: ResolveOptions,
): Resolved {
  const { source, escape } = dockerfile;
  const images: ResolvedReference[] = [];
  const problems: Diagnostic[] = [];
  const variables = platformArgs(targetPlatform, buildPlatform);
  variables.set("TARGETSTAGE", built ?? stages.at(-1) ?? "default");
  for (const name of variables.keys()) {
    const value = ownValue(buildArgs, name);
    if (value !== undefined) variables.set(name, value);
  }
  const firstStages = indexStages(stages);
  const builtStage = stageIndex(built, stages, firstStages);
  const expand = (word: { text: string; offsets: readonly number[] }): string => {
    try {
      return expandWord(word.text, variables, { escape }).text;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      const message = `Cannot replace variables in "${word.text}": ${error.message}`;
      const range = rangeOfText(word);
      problems.push(diagnosticAt(source, range, { code: "HV2003", severity: "error", message }));
      return "";
    }
  };
  for (const { name, value } of globalArgs) {
    const given = ownValue(buildArgs, name.text);
    if (given !== undefined) variables.set(name.text, given);
    else if (value !== undefined) variables.set(name.text, expand(value));
  }
  const bases = new Set<string>();
  const named = references.map((reference) => {
    const { origin, written } = reference;
    const image = origin === "from" ? expand(written) : written.text;
    const stage = isStage(image, reference, firstStages);
    if (origin === "from" && stage) bases.add(image.toLowerCase());
    return { reference, image, isImage: image !== "" && image !== "scratch" && !stage };
  });
  for (const { reference, image, isImage } of named) {
    const { origin, written, platform, stage } = reference;
    if (!isImage) continue;
    const place = placeAt(source, ...rangeOfText(written));
    const on = platform === undefined ? {} : { platform: expand(platform) };
    // A trigger runs in this build where a stage begins with its stage; those of the stage that is built go into the image.
    const runsHere = !reference.onbuild || bases.has(stages[stage] ?? "");
    if (runsHere) images.push({ origin, image, place, ...on, onbuild: false });
    else if (stage === builtStage) images.push({ origin, image, place, onbuild: true });
  }
  return { images, problems };
}

function isStage(
  name: string,
  { origin, stage }: WrittenReference,
  firstStages: ReadonlyMap<string, number>,
): boolean {
  if (origin === "copy" && /^[+-]?\d+$/.test(name)) return true;
  const found = firstStages.get(name.toLowerCase());
  return found !== undefined && (origin !== "from" || found < stage);
}

function stageIndex(
  stage: string | undefined,
  stages: References["stages"],
  firstStages: ReadonlyMap<string, number>,
): number {
  if (stage === undefined) return stages.length - 1;
  return firstStages.get(stage.toLowerCase()) ?? Number(stage);
}

// The index of the first stage of each name.
function indexStages(stages: References["stages"]): Map<string, number> {
  const first = new Map<string, number>();
  for (const [index, name] of stages.entries()) {
    if (name !== undefined && !first.has(name)) first.set(name, index);
  }
  return first;
}

function ownValue(values: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
