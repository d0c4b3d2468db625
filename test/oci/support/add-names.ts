// Sets names in a layout, one update each. Arguments: the layout's directory, a prefix, how many.
import { openLayout } from "../../../src/oci/layout.ts";
import { storeSampleImage } from "./sample-image.ts";

const [directory = "", prefix = "", count = "0"] = process.argv.slice(2);
using layout = await openLayout(directory);
const image = await storeSampleImage(layout.blobs, { text: prefix });
for (let i = 0; i < Number(count); i++) await layout.update(new Map([[`${prefix}:${i}`, image]]));
