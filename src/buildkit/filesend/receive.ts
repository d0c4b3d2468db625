/** Where the result of a build comes to. */
export type Receive =
  /** One file, for the exporters `tar`, `oci` and `docker`: seen whole or not at all. */
  | { readonly kind: "file"; readonly path: string }
  /**
   * A directory, for the exporter `local`. Files in it that the result doesn't have stay.
   * `onSkipped` learns of devices, pipes and sockets by their paths: they are left out.
   */
  | {
      readonly kind: "directory";
      readonly path: string;
      readonly onSkipped?: (path: string) => void;
    };
