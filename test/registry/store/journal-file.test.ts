import { expect, test } from "bun:test";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openJournalFile } from "../../../src/registry/store/journal-file.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

test("a file that is given up while it is synced is closed once: its number may be another file's by then", async () => {
  await using directory = await tempDirectory();
  const journal = openJournalFile(join(directory.path, "journal"), 0);
  journal.append(Buffer.from("record\n"));
  const synced = journal.sync();
  journal.close();
  await synced;
  const other = openSync(join(directory.path, "other"), "w");
  journal.close();
  expect(writeSync(other, "x")).toBe(1);
  closeSync(other);
});
