import { fixed, type TemplateFunction } from "../function.ts";

/** path.Clean of Go. */
function clean(path: string): string {
  const isRooted = path.startsWith("/");
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (!isRooted) kept.push("..");
  }
  const joined = (isRooted ? "/" : "") + kept.join("/");
  return joined === "" ? "." : joined;
}

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
const directory = ofPath((path) => clean(path.slice(0, path.lastIndexOf("/") + 1)));

/** sprig's functions for paths. Images are Linux: the forms for the system's own paths are the same. */
export const pathFunctions: Readonly<Record<string, TemplateFunction>> = {
  base: ofPath(base),
  dir: directory,
  clean: ofPath(clean),
  ext: ofPath(extension),
  isAbs: isAbsolute,
  osBase: ofPath(base),
  osDir: directory,
  osClean: ofPath(clean),
  osExt: ofPath(extension),
  osIsAbs: isAbsolute,
};
