import { HiveError } from "../../base/hive-error.ts";
import { isRecord } from "../../base/is-record.ts";
import { isLoopback } from "../../remote/registry-address.ts";
import type { Release } from "./release.ts";

/** Where a release is, and who says what its checksum is. */
export type ReleaseSource = {
  readonly url: string;
  readonly checksumUrl: string;
  /** Reads the checksum from what is at `checksumUrl`; undefined when it is not there. */
  readonly readChecksum: (text: string) => string | undefined;
};

/**
 * A mirror serves `<mirror>/<version>/<asset>` and `<asset>.sha256`; without one it is BuildKit's own releases, with
 * the checksum that the forge made when the file was uploaded.
 * {@link https://docs.github.com/en/rest/releases/releases#get-a-release-by-tag-name}
 * @throws HiveError "usage" for a mirror that is no URL, or one that anybody on the way could change
 */
export function releaseSource(release: Release, mirror: string | undefined): ReleaseSource {
  const { version, asset } = release;
  if (mirror === undefined || mirror === "") {
    const project = "moby/buildkit/releases";
    return {
      url: `https://github.com/${project}/download/${version}/${asset}`,
      checksumUrl: `https://api.github.com/repos/${project}/tags/${version}`,
      readChecksum: (text) => checksumOfAsset(text, asset),
    };
  }
  const base = parseMirror(mirror);
  const url = `${base}/${version}/${asset}`;
  return { url, checksumUrl: `${url}.sha256`, readChecksum };
}

function parseMirror(mirror: string): string {
  const url = URL.parse(mirror);
  const cannot = `Cannot use mirror "${mirror}"`;
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new HiveError("usage", `${cannot}: it is no https:// URL of a directory`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new HiveError("usage", "Cannot use a mirror with a password in its URL", {
      hint: "Use one that needs none, as within your network.",
    });
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw new HiveError("usage", `${cannot}: it is not https`, {
      hint: "Program and checksum could both be changed on the way.",
    });
  }
  return url.href.replace(/\/+$/, "");
}

/** `<hex>`, or `<hex>  <file>` as sha256sum prints it. */
function readChecksum(text: string): string | undefined {
  return /^([0-9a-f]{64})(?:\s|$)/i.exec(text.trim())?.[1]?.toLowerCase();
}

function checksumOfAsset(text: string, asset: string): string | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  const assets = isRecord(document) && Array.isArray(document["assets"]) ? document["assets"] : [];
  const found: unknown = assets.find((entry) => isRecord(entry) && entry["name"] === asset);
  const digest = isRecord(found) ? found["digest"] : undefined;
  return typeof digest === "string" ? /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1] : undefined;
}
