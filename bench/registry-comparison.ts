import { renderTable } from "../src/base/render-table.ts";
import { median } from "./median.ts";
import { summary } from "./summary.ts";

type Sample = {
  readonly seconds?: number;
  /** Seconds of CPU, the contender's. */
  readonly cpu?: number;
  /** MiB, the contender's. */
  readonly memory?: number;
  /** Set when the seconds were given, and the requests are what came out. */
  readonly requests?: number;
};

/** What is compared: a server, a client. */
type Contender = { readonly name: string; readonly version: string };

export type Comparison<Kind> = {
  /** One for each round. */
  add(title: string, kind: Kind, sample: Sample): void;
  /** A table for each title: medians, ratios with the least and the most of all rounds, the most memory. */
  report(): string;
};

/** @param rival Which of ours another one is compared with. */
export function createComparison<Kind extends Contender>(
  kinds: readonly Kind[],
  rival: (kind: Kind, title: string) => Kind,
): Comparison<Kind> {
  const titles = new Map<string, Map<Kind, Sample[]>>();
  return {
    add(title, kind, sample) {
      const row = titles.get(title) ?? new Map<Kind, Sample[]>();
      titles.set(title, row.set(kind, [...(row.get(kind) ?? []), sample]));
    },
    report() {
      const tables = [...titles].map(([title, row]) => {
        const lines = kinds.flatMap((kind) => {
          const samples = row.get(kind);
          if (samples === undefined) return [];
          const ours = rival(kind, title);
          return [describe(kind, samples, ours === kind ? [] : (row.get(ours) ?? []))];
        });
        const heading = [title, "median", "theirs/ours", "CPU", "theirs/ours", "memory"];
        const align = ["left", ...heading.slice(1).map(() => "right" as const)] as const;
        return renderTable([heading, ...lines], { align }).join("\n");
      });
      return `${tables.join("\n\n")}\n`;
    },
  };
}

function describe(kind: Contender, samples: readonly Sample[], ours: readonly Sample[]): string[] {
  const time = ({ seconds, requests = 1 }: Sample): number | undefined =>
    seconds === undefined ? undefined : seconds / requests;
  const cpu = ({ cpu: used, requests = 1 }: Sample): number | undefined =>
    used === undefined ? undefined : used / requests;
  const rate = samples.some(({ requests }) => requests !== undefined);
  const memory = samples.flatMap((sample) => sample.memory ?? []);
  return [
    `  ${kind.name} ${kind.version}`,
    format(samples, time, (value) => (rate ? `${(1 / value).toFixed(0)}/s` : duration(value))),
    ratios(samples, ours, time),
    format(samples, cpu, (value) => (rate ? `${(value * 1e6).toFixed(0)} us` : duration(value))),
    ratios(samples, ours, cpu),
    memory.length === 0 ? "" : `${Math.max(...memory).toFixed(0)} MiB`,
  ];
}

type Measure = (sample: Sample) => number | undefined;

function format(
  samples: readonly Sample[],
  measure: Measure,
  text: (value: number) => string,
): string {
  const values = samples.flatMap((sample) => measure(sample) ?? []);
  return values.length === 0 ? "" : text(median(values));
}

function ratios(theirs: readonly Sample[], ours: readonly Sample[], measure: Measure): string {
  const values = theirs.flatMap((sample, round) => {
    const our = ours[round] === undefined ? undefined : measure(ours[round]);
    const their = measure(sample);
    return our === undefined || their === undefined || our === 0 ? [] : [their / our];
  });
  if (values.length === 0) return "";
  return summary(values, 2);
}

function duration(value: number): string {
  return `${value.toFixed(value < 1 ? 3 : 2)} s`;
}
