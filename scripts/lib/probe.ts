/**
 * `bun scripts/lib/probe.ts buildkit|docker|docker-old-store|podman ADDRESS`: exit code 0 when one answers there.
 * Addresses other than `unix://` and `tcp://` are left to hive, which says what it makes of them.
 */
const limit = 5_000;

/** The HTTP/2 connection preface with empty SETTINGS; a gRPC server answers with its own SETTINGS, frame type 4. */
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0";

async function answersHttp2(address: string): Promise<boolean> {
  const url = new URL(address);
  if (url.protocol !== "unix:" && url.protocol !== "tcp:") {
    return true;
  }
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const socket = {
    data: (_: unknown, data: Uint8Array) => resolve(data),
    close: () => reject(new Error("The connection was closed")),
  };
  const connection = await (url.protocol === "unix:"
    ? Bun.connect({ unix: url.pathname, socket })
    : Bun.connect({ hostname: url.hostname, port: Number(url.port || 1234), socket }));
  connection.write(preface);
  return (await promise)[3] === 4;
}

/** Whether an engine keeps its images in containerd's store; undefined when it doesn't say how it keeps them. */
async function hasContainerdStore(address: string): Promise<boolean | undefined> {
  const response = await fetch("http://docker/info", { unix: new URL(address).pathname });
  const info = (await response.json()) as {
    readonly DriverStatus?: readonly (readonly string[])[];
  };
  return info.DriverStatus?.some((pair) => pair[1]?.startsWith("io.containerd.snapshotter"));
}

async function isPodman(address: string): Promise<boolean> {
  const response = await fetch("http://podman/_ping", { unix: new URL(address).pathname });
  return response.ok && response.headers.has("Libpod-API-Version");
}

async function answers(kind: string | undefined, address: string): Promise<boolean> {
  try {
    if (kind === "buildkit") return await answersHttp2(address);
    if (kind === "podman") return await isPodman(address);
    return (await hasContainerdStore(address)) === (kind === "docker");
  } catch {
    return false; // Whatever the reason: nothing that we can use is there.
  }
}

setTimeout(() => process.exit(1), limit).unref();
process.exit((await answers(process.argv[2], process.argv[3] ?? "")) ? 0 : 1);
