import { cleanPath } from "../../base/clean-path.ts";
import { fixed, type TemplateFunction } from "../function.ts";

function base(path: string): string {
  if (path === "") return ".";
  let end = path.length;
  while (end > 0 && path[end - 1] === "/") end -= 1;
  return end === 0 ? "/" : path.slice(path.lastIndexOf("/", end - 1) + 1, end);
}

function extension(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot === -1 ? "" : name.slice(dot);
}

const ofPath = (make: (path: string) => string): TemplateFunction =>
  fixed(["string"], ([path]) => make(path));
const isAbsolute = fixed(["string"], ([path]) => path.startsWith("/"));
const directory = ofPath((path) => cleanPath(path.slice(0, path.lastIndexOf("/") + 1)));

/** sprig's functions for paths. Images are Linux: the forms for the system's own paths are the same. */
export const pathFunctions: Readonly<Record<string, TemplateFunction>> = {
  base: ofPath(base),
  dir: directory,
  clean: ofPath(cleanPath),
  ext: ofPath(extension),
  isAbs: isAbsolute,
  osBase: ofPath(base),
  osDir: directory,
  osClean: ofPath(cleanPath),
  osExt: ofPath(extension),
  osIsAbs: isAbsolute,
};
