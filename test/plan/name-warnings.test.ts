import { expect, test } from "bun:test";
import { renderDiagnostic } from "../../src/base/render-diagnostic.ts";
import { parsePlatform } from "../../src/oci/platform.ts";
import { createPlan } from "../../src/plan/create-plan.ts";
import { loadProject } from "../../src/project/load-project.ts";
import { fixture } from "../support/fixture.ts";
import { appProject, tempProject } from "../support/temp-project.ts";

async function warningsOf(root: string, ...select: string[]): Promise<string> {
  const { project } = await loadProject(root);
  const { warnings } = createPlan(project, { nativePlatform: parsePlatform("amd64"), select });
  return warnings.map((warning) => renderDiagnostic(warning)).join("\n\n");
}

test("createPlan() warns of secrets, agents and stages that only one side has, once for all tags and variants", async () => {
  expect(await warningsOf(fixture("names"))).toMatchSnapshot();
  expect(await warningsOf(fixture("names"), "base")).toBe("");
});

const quiet: Record<string, readonly [image: string, dockerfile: string]> = {
  "a secret whose id a variable has": [
    "secrets: { a: { source: plain, value: x } }",
    "ARG ID=a\nRUN --mount=type=secret,id=$ID x",
  ],
  "an agent that ADD fetches with": ["ssh: [default]", "ADD git@git.example.test:a/b.git /b"],
  "an agent that a context is fetched with": [
    "ssh: [default]\ncontexts: { b: 'ssh://git@git.example.test/a/b.git' }",
    "COPY --from=b / /b",
  ],
  "an agent that some tags do without": ["ssh: [default]", "RUN --mount=type=ssh x"],
  "an optional mount behind ONBUILD": ["", "ONBUILD RUN --mount=type=secret,id=later x"],
};

for (const [name, [image, dockerfile]] of Object.entries(quiet)) {
  test(`createPlan() does not warn of ${name}`, async () => {
    const tags = "tags: [{ name: 1 }, { name: 2, ssh: [] }]\n";
    await using temp = await tempProject(
      appProject(`${tags}${image}\n`, `FROM scratch\n${dockerfile}\n`),
    );
    expect(await warningsOf(temp.root)).toBe("");
  });
}
