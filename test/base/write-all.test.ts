import { expect, test } from "bun:test";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeAll } from "../../src/base/write-all.ts";
import { tempDirectory } from "../support/temp-directory.ts";

test("writeAll() writes where the file stands, or at a position", async () => {
  await using directory = await tempDirectory();
  const path = join(directory.path, "file");
  const file = openSync(path, "w");
  writeAll(file, Buffer.from("one "));
  writeAll(file, Buffer.from("two "));
  writeAll(file, Buffer.from("ONE"), 0);
  writeAll(file, new Uint8Array());
  closeSync(file);
  expect(readFileSync(path, "utf8")).toBe("ONE two ");
});
