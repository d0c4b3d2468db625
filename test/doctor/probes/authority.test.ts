import { expect, test } from "bun:test";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { authorityProbe } from "../../../src/doctor/probes/authority.ts";
import { issueCertificates } from "../../support/issue-certificates.ts";
import { tempDirectory } from "../../support/temp-directory.ts";
import { findings } from "../support/empty-world.ts";

test("authorityProbe warns of one that ends soon, fails for one that has, and says who trusts it", async () => {
  await using directory = await tempDirectory();
  const storage = directory.path;
  const certificates = join(storage, "certificates");
  await mkdir(certificates);
  // The authority is good for two days.
  await issueCertificates(certificates, { old: { usage: "serverAuth", expired: true } });
  const looked = async (name: string): Promise<unknown> => {
    await cp(join(certificates, `${name}.pem`), join(certificates, "ca.crt"));
    return await findings(authorityProbe, { storage });
  };
  const untrusted = { status: "warn", fix: "hive registry trust" };
  expect(await looked("ca")).toMatchObject([
    {
      status: "warn",
      detail: expect.stringMatching(/^it ends on \d{4}-\d\d-\d\d$/),
      fix: expect.stringContaining("hive registry trust"),
    },
    untrusted,
  ]);
  expect(await looked("old")).toMatchObject([
    { status: "fail", detail: expect.stringContaining("it ended on") },
    untrusted,
  ]);
  expect(await findings(authorityProbe, { storage: join(storage, "none") })).toMatchObject([
    { status: "skipped" },
  ]);
});
