import type { Provider } from "./pipeline.ts";
import sharedInstall from "./templates/shared/_install.gotpl" with { type: "text" };
import githubAfterBuild from "./templates/github/_after-build.gotpl" with { type: "text" };
import githubBuildEnv from "./templates/github/_build-env.gotpl" with { type: "text" };
import githubBuildLocal from "./templates/github/_build-local.gotpl" with { type: "text" };
import githubBuild from "./templates/github/_build.gotpl" with { type: "text" };
import githubCheckout from "./templates/github/_checkout.gotpl" with { type: "text" };
import githubCredentials from "./templates/github/_credentials.gotpl" with { type: "text" };
import githubFinalize from "./templates/github/_finalize.gotpl" with { type: "text" };
import githubInstallStep from "./templates/github/_install-step.gotpl" with { type: "text" };
import githubLogin from "./templates/github/_login.gotpl" with { type: "text" };
import githubPlan from "./templates/github/_plan.gotpl" with { type: "text" };
import githubReport from "./templates/github/_report.gotpl" with { type: "text" };
import githubRunner from "./templates/github/_runner.gotpl" with { type: "text" };
import githubStore from "./templates/github/_store.gotpl" with { type: "text" };
import githubVerify from "./templates/github/_verify.gotpl" with { type: "text" };
import githubHive from "./templates/github/hive.yml.gotpl" with { type: "text" };
import gitlabAfterBuild from "./templates/gitlab/_after-build.gotpl" with { type: "text" };
import gitlabBuild from "./templates/gitlab/_build.gotpl" with { type: "text" };
import gitlabBuildkit from "./templates/gitlab/_buildkit.gotpl" with { type: "text" };
import gitlabFinalize from "./templates/gitlab/_finalize.gotpl" with { type: "text" };
import gitlabLogin from "./templates/gitlab/_login.gotpl" with { type: "text" };
import gitlabPlan from "./templates/gitlab/_plan.gotpl" with { type: "text" };
import gitlabReport from "./templates/gitlab/_report.gotpl" with { type: "text" };
import gitlabTags from "./templates/gitlab/_tags.gotpl" with { type: "text" };
import gitlabVerify from "./templates/gitlab/_verify.gotpl" with { type: "text" };
import gitlabGitlabCi from "./templates/gitlab/gitlab-ci.yml.gotpl" with { type: "text" };
import gitlabImages from "./templates/gitlab/images.yml.gotpl" with { type: "text" };
import buildkiteAfterBuild from "./templates/buildkite/_after-build.gotpl" with { type: "text" };
import buildkiteBuild from "./templates/buildkite/_build.gotpl" with { type: "text" };
import buildkiteFinalize from "./templates/buildkite/_finalize.gotpl" with { type: "text" };
import buildkiteLogin from "./templates/buildkite/_login.gotpl" with { type: "text" };
import buildkitePlan from "./templates/buildkite/_plan.gotpl" with { type: "text" };
import buildkiteQueue from "./templates/buildkite/_queue.gotpl" with { type: "text" };
import buildkiteRegistry from "./templates/buildkite/_registry.gotpl" with { type: "text" };
import buildkiteReport from "./templates/buildkite/_report.gotpl" with { type: "text" };
import buildkiteVerify from "./templates/buildkite/_verify.gotpl" with { type: "text" };
import buildkiteImages from "./templates/buildkite/images.yml.gotpl" with { type: "text" };
import buildkitePipeline from "./templates/buildkite/pipeline.yml.gotpl" with { type: "text" };

/** The built-in templates of a system by name: files, and with `_` before their names what files include. */
export const builtInTemplates: Readonly<Record<Provider, Readonly<Record<string, string>>>> = {
  github: {
    _install: sharedInstall,
    "_after-build": githubAfterBuild,
    "_build-env": githubBuildEnv,
    "_build-local": githubBuildLocal,
    _build: githubBuild,
    _checkout: githubCheckout,
    _credentials: githubCredentials,
    _finalize: githubFinalize,
    "_install-step": githubInstallStep,
    _login: githubLogin,
    _plan: githubPlan,
    _report: githubReport,
    _runner: githubRunner,
    _store: githubStore,
    _verify: githubVerify,
    "hive.yml": githubHive,
  },
  gitlab: {
    _install: sharedInstall,
    "_after-build": gitlabAfterBuild,
    _build: gitlabBuild,
    _buildkit: gitlabBuildkit,
    _finalize: gitlabFinalize,
    _login: gitlabLogin,
    _plan: gitlabPlan,
    _report: gitlabReport,
    _tags: gitlabTags,
    _verify: gitlabVerify,
    "gitlab-ci.yml": gitlabGitlabCi,
    "images.yml": gitlabImages,
  },
  buildkite: {
    _install: sharedInstall,
    "_after-build": buildkiteAfterBuild,
    _build: buildkiteBuild,
    _finalize: buildkiteFinalize,
    _login: buildkiteLogin,
    _plan: buildkitePlan,
    _queue: buildkiteQueue,
    _registry: buildkiteRegistry,
    _report: buildkiteReport,
    _verify: buildkiteVerify,
    "images.yml": buildkiteImages,
    "pipeline.yml": buildkitePipeline,
  },
};
