export type PullCommand = { readonly tool: string; readonly command: string };

type PullTarget = {
  /** `registry.acme.test:5000`. */
  readonly host: string;
  readonly repository: string;
  /** `:1.0` or `@sha256:…`. */
  readonly suffix: string;
  /** Whether the host is reached by HTTPS. */
  readonly secure: boolean;
  /** Something that no container engine runs. */
  readonly artifact: boolean;
};

/** Commands that fetch an image, one for each tool that people have. Nothing in them needs quotes. */
export function pullCommands(target: PullTarget): readonly PullCommand[] {
  const { host, repository, suffix, secure, artifact } = target;
  const reference = `${host}/${repository}${suffix}`;
  if (artifact) {
    return [{ tool: "oras", command: `oras pull ${secure ? "" : "--plain-http "}${reference}` }];
  }
  const name = repository.slice(repository.lastIndexOf("/") + 1);
  const tag = suffix.startsWith(":") ? suffix : "";
  const podman = secure ? "" : "--tls-verify=false ";
  const skopeo = secure ? "" : "--src-tls-verify=false ";
  return [
    { tool: "docker", command: `docker pull ${reference}` },
    { tool: "podman", command: `podman pull ${podman}${reference}` },
    { tool: "skopeo", command: `skopeo copy ${skopeo}docker://${reference} oci:${name}${tag}` },
  ];
}
