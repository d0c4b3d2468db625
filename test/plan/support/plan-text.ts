import { formatPlatform } from "../../../src/oci/platform.ts";
import type { Plan, Target } from "../../../src/plan/plan.ts";

/** A plan as a text to compare and to read: what is as usual is left out. Paths are relative to the root. */
export function planText(plan: Plan): string {
  const targets = plan.targets.map((target) => targetText(target));
  const aliases = plan.aliases.map(({ alias, reference }) => `${alias} -> ${reference}`);
  return [...targets, ...aliases].join("\n\n").replaceAll(`${plan.root}/`, "");
}

function targetText(target: Target): string {
  const { reference, platform, variant, requested, context, settings, dependencies } = target;
  const marks = [variant === undefined ? "" : ` (${variant})`, requested ? "" : " only needed"];
  const lines = [`${reference} ${formatPlatform(platform)}${marks.join("")}`];
  // What every image has.
  const usual = new Set([
    `org.opencontainers.image.title=${target.name}`,
    `org.opencontainers.image.ref.name=${reference}`,
    `org.opencontainers.image.version=${target.tag}`,
  ]);
  const add = (name: string, values: readonly string[]): void => {
    if (values.length > 0) lines.push(`  ${name}: ${values.join(", ")}`);
  };
  const { file, lines: from } = target.dockerfile;
  add("dockerfile", [file, ...(from === undefined ? [] : [`from lines ${from.join(" ")}`])]);
  add("rootfs", context.rootfs);
  add("without", context.exclude);
  add("args", pairs(target.buildArgs));
  add(
    "labels",
    pairs(target.labels).filter((label) => !usual.has(label)),
  );
  add("epoch", target.epoch === undefined ? [] : [String(target.epoch)]);
  add(
    "secrets",
    target.secrets.map(({ id, source }) => `${id} from ${source}`),
  );
  const { contexts, ssh, stage, noCache, pull, network, entitlements } = settings;
  add("stage", stage === undefined ? [] : [stage]);
  add("contexts", pairs(contexts));
  add("ssh", pairs(ssh));
  add("no cache", noCache === false ? [] : [String(noCache)]);
  add("pull", pull ? ["yes"] : []);
  add("network", network === undefined ? [] : [network]);
  add("entitlements", entitlements);
  add("siblings", target.cacheScopes.siblings);
  add(
    "externals",
    target.externals.map(({ reference: name, digest = "" }) => `${name}${digest && ` ${digest}`}`),
  );
  for (const { target: id, reference: as = "depends_on", place } of dependencies) {
    lines.push(`  needs ${id} by ${as} (${place.file}:${place.line}:${place.column})`);
  }
  for (const [path, text] of Object.entries(context.rendered)) {
    lines.push(
      `  ${path}:`,
      ...text
        .trimEnd()
        .split("\n")
        .map((line) => `    | ${line}`.trimEnd()),
    );
  }
  return lines.join("\n");
}

function pairs(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).map(([name, value]) => `${name}=${value}`);
}
