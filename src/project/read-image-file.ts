import { join, relative } from "node:path";
import type { z } from "zod";
import { isRepositoryName } from "../oci/reference.ts";
import { imageFileNames, imageNameOf, type ImageDirectory } from "./find-directories.ts";
import { fileFinding, readSource, type ProjectFiles } from "./read-source.ts";
import { imageSchema } from "./schema/image-schema.ts";
import { decode } from "./yaml/decode.ts";
import { openYaml } from "./yaml/open-yaml.ts";
import { reportAt, type YamlFile } from "./yaml/yaml-file.ts";

/** image.yml after the schema: the data, and the tree that knows the places. */
export type ImageFile = YamlFile & { readonly data: z.output<typeof imageSchema> };

/** Reads image.yml of `directory`; undefined after a finding that leaves nothing. */
export async function readImageFile(
  directory: ImageDirectory,
  files: ProjectFiles,
): Promise<ImageFile | undefined> {
  const { report, lenient } = files;
  const names = imageFileNames.filter((name) => directory.entries.has(name));
  const [name = imageFileNames[0], other] = names;
  const path = join(directory.path, name);
  if (other !== undefined) {
    const message = `Cannot choose between "${name}" and "${other}" in the same directory`;
    const help = "remove one of the two";
    report(fileFinding(relative(files.root, path), { code: "HV1015", message, help }));
  }
  const source = await readSource(path, files, directory.entries.get(name));
  const file = source && (await openYaml(source, report));
  const data = file && decode(imageSchema, { ...file, lenient });
  if (file === undefined || data === undefined) return undefined;
  const repository = imageNameOf(directory.identifier);
  if (!isRepositoryName(repository)) {
    reportAt(file, [], {
      code: "HV1011",
      message:
        repository === ""
          ? 'Cannot name the image in "images" itself: move it to images/NAME'
          : `Cannot use "${repository}" as the name of an image`,
      help: "a name has lower-case letters and digits, joined by - . _ or __, in parts separated by /",
    });
  }
  return { ...file, data };
}
