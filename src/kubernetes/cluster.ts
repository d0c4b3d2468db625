/** A Kubernetes API, and how to be let in. */
export type Cluster = {
  /** http or https; what is before `/api` belongs to it. */
  readonly server: URL;
  /** For https. */
  readonly tls: {
    /** PEM; the machine's own authorities when absent. */
    readonly ca?: readonly string[];
    /** The name that the certificate has to be for, and is asked for; empty for an address. */
    readonly serverName: string;
    readonly rejectUnauthorized?: boolean;
  };
};

/** Who we are. */
export type Credential = {
  readonly token?: string;
  /** PEM, both or none. */
  readonly cert?: string;
  readonly key?: string;
};

/** What a kubeconfig, or the pod that we run in, says. */
export type ClusterAccess = {
  readonly cluster: Cluster;
  /** Of the context. */
  readonly namespace: string;
  /**
   * Tokens in files change, and those of programs run out: asked for before each connection.
   * @param renew what was given before was refused
   * @throws HiveError "usage", "unauthorized"; the signal's reason
   */
  readonly credential: (options: {
    readonly renew?: boolean;
    readonly signal?: AbortSignal | undefined;
  }) => Promise<Credential>;
};
