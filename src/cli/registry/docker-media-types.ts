import type { Project } from "../../project/project.ts";

/** Whether what is pushed to a registry is to have Docker's media types: as hive.yml says, else at Docker Hub only. */
export function dockerMediaTypes({ registry }: Pick<Project, "registry">, host: string): boolean {
  return registry.dockerMediaTypes ?? host === "docker.io";
}
