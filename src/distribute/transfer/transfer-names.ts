import { writtenReference } from "../../remote/written-reference.ts";
import type { ImageTransfer } from "./image-transfer.ts";

/** Where an image comes from and goes to, for people: `.hive/app:1.0` and `registry.example.com/team/app:1.0`. */
export function transferNames({ source, from, destination, to }: ImageTransfer): {
  readonly from: string;
  readonly to: string;
} {
  const [tag] = to.tags;
  const place = `${destination.host}/${to.repository}`;
  return {
    from: `${source.name}/${from.name ?? writtenReference(from.repository, from.reference)}`,
    to: tag === undefined ? place : `${place}:${tag}`,
  };
}
