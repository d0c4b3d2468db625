import type { Diagnostic } from "../base/diagnostic.ts";
import { lineOfPlace, lineTextAt, type SourceText } from "../base/source-text.ts";
import type { Dockerfile } from "../dockerfile/dockerfile.ts";
import { findReferences, type References } from "../dockerfile/find-references.ts";
import { parseDockerfile } from "../dockerfile/parse-dockerfile.ts";
import { resolveReferences, type ResolvedReference } from "../dockerfile/resolve-references.ts";
import { hivePrefix } from "../dockerfile/rewrite-hive-references.ts";
import { familiarName } from "../oci/familiar-name.ts";
import type { Platform } from "../oci/platform.ts";
import type { ImageDefinition, Project } from "../project/project.ts";
import { createRenderer, parentWord } from "../render/create-renderer.ts";
import type { Unit } from "../render/expand-units.ts";
import { writtenFinding, writtenPlace, type RenderedFile } from "../render/rendered-file.ts";
import { buildArgsFor } from "./build-args.ts";
import { targetIdOf, type Node } from "./graph.ts";
import { readContexts, type NamedContexts } from "./read-contexts.ts";
import { unknownStage } from "./target-settings.ts";
import { createUndeclared } from "./undeclared-args.ts";

type CreateOptions = {
  /** What BUILDPLATFORM is for a target platform. */
  readonly buildPlatformOf: (target: Platform) => Platform;
  /** What `now` is in templates. */
  readonly now: (unit: Unit) => Date;
  /** Takes errors. */
  readonly report: (finding: Diagnostic) => void;
};

type Created = {
  readonly nodes: readonly Node[];
  /** What is odd about the images that are planned. */
  readonly warnings: (planned: ReadonlySet<ImageDefinition>) => Diagnostic[];
};

/** The targets of all units, without edges: their files rendered, their Dockerfiles read. */
export function createNodes(
  project: Project,
  units: readonly Unit[],
  { buildPlatformOf, now, report }: CreateOptions,
): Created {
  const { sources } = project;
  const parse = createParser();
  const undeclared = createUndeclared(sources);
  const odd: { readonly image: ImageDefinition; readonly finding: Diagnostic }[] = [];
  const renderer = createRenderer(project, {
    now,
    report,
    warn: ({ image }, finding) => void odd.push({ image, finding }),
  });
  const nodes = units.flatMap((unit) => {
    const { image, build } = unit;
    const contexts = readContexts(unit, { sources, report });
    const read = (rendered: RenderedFile): DockerfileOfUnit => {
      const { dockerfile, references } = parse(rendered);
      for (const problem of dockerfile.problems) report(writtenFinding(rendered, problem));
      const { args, undeclared: unused } = buildArgsFor(unit, references.declaredArgs);
      undeclared.add(unit, unused);
      const { file } = rendered.source;
      const stageFinding = unknownStage(build, references, { file, sources });
      if (stageFinding !== undefined) report(stageFinding);
      for (const finding of stageContexts(contexts, references, { file, sources }))
        odd.push({ image, finding });
      return { dockerfile, references, args };
    };
    // Platforms mostly have the same text.
    const known = new Map<string, DockerfileOfUnit>();
    return unit.platforms.map((platform): Node => {
      const files = renderer.build(unit, platform);
      const { dockerfile: rendered } = files;
      const { text } = rendered.source;
      const ofUnit = known.get(text) ?? read(rendered);
      known.set(text, ofUnit);
      const { dockerfile, references, args } = ofUnit;
      const resolved = resolveReferences(dockerfile, references, {
        buildArgs: args,
        targetPlatform: platform,
        buildPlatform: buildPlatformOf(platform),
        stage: build.target?.value,
      });
      for (const problem of resolved.problems) report(writtenFinding(rendered, problem));
      const images = resolved.images.map((found) => ({
        ...found,
        place: writtenPlace(rendered, found.place),
      }));
      for (const found of images) {
        if (found.image.includes(parentWord)) report(noParent(unit, rendered, found));
      }
      return {
        id: targetIdOf(unit.reference, platform),
        unit,
        platform,
        files,
        references,
        contexts,
        buildArgs: args,
        images: withContexts(images, contexts),
        dependencies: [],
      };
    });
  });
  return {
    nodes,
    warnings: (planned) => [
      ...undeclared.warnings(planned),
      ...odd.flatMap(({ image, finding }) => (planned.has(image) ? [finding] : [])),
    ],
  };
}

type ParsedDockerfile = { readonly dockerfile: Dockerfile; readonly references: References };

/** What a unit's Dockerfile says, with the unit's build arguments. */
type DockerfileOfUnit = ParsedDockerfile & { readonly args: Node["buildArgs"] };

// Each text once, however many targets have it.
function createParser(): (rendered: RenderedFile) => ParsedDockerfile {
  const parsed = new Map<SourceText, Map<string, ParsedDockerfile>>();
  return ({ file, source }) => {
    const texts = parsed.get(file.source) ?? new Map<string, ParsedDockerfile>();
    parsed.set(file.source, texts);
    const known = texts.get(source.text);
    if (known !== undefined) return known;
    const dockerfile = parseDockerfile(source);
    const fresh = { dockerfile, references: findReferences(dockerfile) };
    texts.set(source.text, fresh);
    return fresh;
  };
}

// A name that is a context is what the context is; the project's images are needed even if no instruction names them.
function withContexts(
  images: readonly ResolvedReference[],
  contexts: NamedContexts,
): ResolvedReference[] {
  if (contexts.size === 0) return [...images];
  const unused = new Map(contexts);
  const seen = images.flatMap((found): ResolvedReference[] => {
    const name = familiarName(found.image);
    const context = contexts.get(name);
    if (context === undefined) return [found];
    unused.delete(name);
    const { value, setting } = context;
    return value.startsWith(hivePrefix) ? [{ ...found, image: value, place: setting.place }] : [];
  });
  const others = [...unused.values()].flatMap(({ value, setting: { place } }) =>
    value.startsWith(hivePrefix)
      ? [{ origin: "copy" as const, image: value, place, onbuild: false }]
      : [],
  );
  return [...seen, ...others];
}

function stageContexts(
  contexts: NamedContexts,
  { stages }: References,
  { file, sources }: { file: string; sources: ReadonlyMap<string, SourceText> },
): Diagnostic[] {
  return [...contexts].flatMap(([name, { setting }]): Diagnostic[] => {
    if (!stages.includes(name)) return [];
    return [
      {
        code: "HV3008",
        severity: "warning",
        message: `Context "${name}" takes the place of stage "${name}" of "${file}": the stage is not built`,
        place: setting.place,
        lineText: lineOfPlace(sources, setting.place),
        help: "if this is not what you want, give the context another name",
      },
    ];
  });
}

function noParent(unit: Unit, { file }: RenderedFile, { place }: ResolvedReference): Diagnostic {
  const inVariant = unit.variant !== undefined;
  return {
    code: "HV3006",
    severity: "error",
    message: inVariant
      ? `Cannot resolve "${parentWord}": it is replaced in Dockerfiles, not in build arguments`
      : `Cannot resolve "${parentWord}": this Dockerfile is of no variant, so it has no parent`,
    place,
    lineText: lineTextAt(file.source, place.line),
    help: inVariant
      ? `write ${parentWord} in the Dockerfile`
      : `write ${hivePrefix}NAME:TAG, or move the Dockerfile to a variant's directory`,
  };
}
