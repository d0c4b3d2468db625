import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { formatPlatform, samePlatform } from "../../src/oci/platform.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { createPipeline } from "../../src/pipeline/create-pipeline.ts";
import { groupTargets } from "../../src/pipeline/group-targets.ts";
import { jobReferences } from "../../src/pipeline/job-references.ts";
import type { BuildJob, Pipeline } from "../../src/pipeline/pipeline.ts";
import { runnerPlatform } from "../../src/pipeline/runner-platform.ts";
import { randomPlan } from "./support/random-plan.ts";

const shards = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined });

/** The jobs that build a target: what they list is for all of their platforms. */
function jobsOf(
  { jobs }: Pipeline,
  { reference, platform }: Plan["targets"][number],
): readonly BuildJob[] {
  return jobs.filter(
    ({ references, platforms }) =>
      references.includes(reference) && platforms.some((one) => samePlatform(one, platform)),
  );
}

describe("createPipeline()", () => {
  test("every target has one job, and every need of a job is an edge of the graph", () => {
    fc.assert(
      fc.property(randomPlan, shards, (plan, count) => {
        const pipeline = createPipeline(plan, { shards: count });
        const { jobs } = pipeline;
        const ids = jobs.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        for (const id of ids) expect(id).toMatch(/^[A-Za-z_][\w-]{0,99}$/);
        // No target is built twice, and none is left out.
        const groups = groupTargets(plan, count);
        const built = groups.flatMap(({ targets }) => targets.map(({ id }) => id));
        expect(built.toSorted()).toEqual(plan.targets.map(({ id }) => id).toSorted());
        const makerOf = new Map(
          groups.flatMap((group) => group.targets.map((target) => [target.id, group.id] as const)),
        );
        const edges = new Set(
          plan.targets.flatMap(({ id, dependencies }) =>
            dependencies.map(({ target }) => `${makerOf.get(id)} ${makerOf.get(target)}`),
          ),
        );
        const done = new Set<string>();
        const levels = new Map<string, number>();
        for (const { id, needs, level } of jobs) {
          for (const need of needs) {
            expect([id, need, done.has(need)]).toEqual([id, need, true]);
            expect(edges.has(`${id} ${need}`)).toBe(true);
            expect(levels.get(need)).toBeLessThan(level);
          }
          done.add(id);
          levels.set(id, level);
        }
      }),
    );
  });

  test("what a job needs is in it, or in a job that it waits for", () => {
    fc.assert(
      fc.property(randomPlan, shards, (plan, count) => {
        const pipeline = createPipeline(plan, { shards: count });
        const byId = new Map(pipeline.jobs.map((job) => [job.id, job]));
        for (const target of plan.targets) {
          const jobs = jobsOf(pipeline, target);
          expect(jobs.length).toBeGreaterThan(0);
          for (const { target: needed } of target.dependencies) {
            const parent = plan.targets.find(({ id }) => id === needed);
            const makers = new Set(parent === undefined ? [] : jobsOf(pipeline, parent));
            const found = jobs.some((job) =>
              [job, ...job.needs.map((id) => byId.get(id))].some(
                (one) => one !== undefined && makers.has(one),
              ),
            );
            expect([target.id, needed, found]).toEqual([target.id, needed, true]);
          }
        }
      }),
    );
  });

  test("shards are as many as asked for on each level, at most", () => {
    fc.assert(
      fc.property(randomPlan, fc.integer({ min: 1, max: 3 }), (plan, count) => {
        const { jobs } = createPipeline(plan, { shards: count });
        const counts = Map.groupBy(jobs, ({ id }) => id.replace(/^(build-level-\d+)-\d+/, "$1"));
        for (const list of counts.values()) expect(list.length).toBeLessThanOrEqual(count);
      }),
    );
  });

  test("a pipeline of a part has the same jobs for it as the whole one", () => {
    fc.assert(
      fc.property(randomPlan, shards, fc.array(fc.nat(39)), (plan, count, picks) => {
        const only = new Set(picks.flatMap((pick) => plan.targets[pick]?.reference ?? []));
        const all = new Map(
          createPipeline(plan, { shards: count }).jobs.map((job) => [job.id, job]),
        );
        const part = createPipeline(plan, { shards: count, only });
        expect(part.complete).toBe(false);
        const built = new Set(part.jobs.flatMap(({ references }) => references));
        expect(built).toEqual(only);
        for (const { id, references, needs } of part.jobs) {
          const whole = all.get(id);
          expect(new Set(whole?.references).isSupersetOf(new Set(references))).toBe(true);
          expect(new Set(whole?.needs).isSupersetOf(new Set(needs))).toBe(true);
        }
        const { finalize = "", ...others } = jobReferences(part);
        expect(new Set(finalize.split(" ").filter(Boolean))).toEqual(only);
        expect(Object.keys(others).every((id) => id.startsWith("local-") || all.has(id))).toBe(
          true,
        );
      }),
    );
  });

  test("what the job image does not need runs in it, after the job that made it", () => {
    fc.assert(
      fc.property(randomPlan, shards, fc.nat(39), (plan, count, pick) => {
        const jobImage = plan.targets[pick % plan.targets.length]?.reference ?? "";
        const there = plan.targets.filter(({ reference }) => reference === jobImage);
        const settings = { shards: count, jobImage, buildId: "pr-1", only: new Set<string>() };
        let pipeline: Pipeline;
        try {
          pipeline = createPipeline(plan, { shards: count, jobImage });
        } catch (error) {
          // Some job's machine is of a platform that the image is not for.
          expect(String(error)).toContain("it is not built for");
          const machines = plan.targets.map(({ platform }) => runnerPlatform(platform));
          expect(
            machines.some((one) => !there.some(({ platform }) => samePlatform(one, platform))),
          ).toBe(true);
          return;
        }
        const done = new Set<string>();
        for (const { id, needs, image, runner } of pipeline.jobs) {
          for (const need of needs) expect(done.has(need)).toBe(true);
          done.add(id);
          if (image === undefined) continue;
          expect(`${image.name}:${image.tag}`).toBe(
            `${jobImage}.${formatPlatform(runner).replaceAll("/", "-")}`,
          );
          expect(
            needs.some((need) =>
              pipeline.jobs.some((job) => job.id === need && job.references.includes(jobImage)),
            ),
          ).toBe(true);
        }
        // Whatever changed, it is made: under the build's own id it is nowhere else.
        const part = createPipeline(plan, settings);
        expect(part.jobs.some(({ references }) => references.includes(jobImage))).toBe(true);
        expect(
          part.jobs.every(({ image }) => image === undefined || image.tag.endsWith("-build.pr-1")),
        ).toBe(true);
        // Names are put together of all platforms.
        const made = new Set(part.jobs.flatMap(({ references }) => references));
        for (const target of plan.targets) {
          if (made.has(target.reference)) expect(jobsOf(part, target).length).toBeGreaterThan(0);
        }
      }),
    );
  });

  test("a job image that the project does not have is named, with the nearest", () => {
    const [plan] = fc.sample(randomPlan, { numRuns: 1, seed: 1 });
    const near = plan?.targets[0]?.reference ?? "";
    const make = (): unknown => createPipeline(plan as Plan, { jobImage: `${near}x` });
    expect(make).toThrow(`no image "${near}x"`);
    expect(make).toThrow(expect.objectContaining({ hint: expect.stringContaining(`"${near}"`) }));
  });
});
