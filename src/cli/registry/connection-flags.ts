/** How to talk to a registry. */
export const connectionFlags = {
  "ca-cert": {
    type: "string",
    valueHint: "file",
    description: "A certificate authority (PEM) to trust besides the public ones",
  },
  "plain-http": {
    type: "boolean",
    description: "Do without TLS also where the registry is not on this machine",
  },
} as const;
