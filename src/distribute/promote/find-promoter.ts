import type { Environment } from "../../base/environment.ts";

/** Who promotes: a person at a laptop, or a job. */
export type Promoter = {
  /** A login, as the pipeline or the system tells. */
  readonly by: string;
  /** Where that can be looked up. */
  readonly job?: string;
};

/** Variables of pipelines: who began it, and the address of the job. */
const pipelines = [
  {
    by: ["GITHUB_ACTOR"],
    job: ({
      GITHUB_SERVER_URL: server,
      GITHUB_REPOSITORY: repository,
      GITHUB_RUN_ID: run,
    }: Environment) =>
      server && repository && run ? `${server}/${repository}/actions/runs/${run}` : undefined,
  },
  { by: ["GITLAB_USER_LOGIN"], job: ({ CI_JOB_URL }: Environment) => CI_JOB_URL },
  {
    by: ["BUILDKITE_BUILD_CREATOR", "BUILDKITE_BUILD_AUTHOR"],
    job: ({ BUILDKITE_BUILD_URL }: Environment) => BUILDKITE_BUILD_URL,
  },
];

/** @param user the name of the system's user, where no pipeline tells */
export function findPromoter(env: Environment, user: string): Promoter {
  for (const { by, job } of pipelines) {
    const name = by.map((variable) => env[variable]).find(Boolean);
    const at = job(env);
    if (name !== undefined) return { by: name, ...(at === undefined ? {} : { job: at }) };
  }
  return { by: user };
}
