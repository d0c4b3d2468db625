import { expect, test } from "bun:test";
import { join } from "node:path";
import { Control } from "../../src/gen/buildkit/control_pb.ts";
import { grpcCode } from "../../src/grpc/grpc-code.ts";
import { GrpcError } from "../../src/grpc/grpc-error.ts";
import { grpcService, type GrpcService } from "../../src/grpc/grpc-service.ts";
import { serveGrpc } from "../../src/grpc/serve-grpc.ts";
import { projectDirectory } from "../support/project-directory.ts";
import { runHive } from "../support/run-hive.ts";
import { serveSockets } from "../support/serve-sockets.ts";
import { tempDirectory } from "../support/temp-directory.ts";

const evil = "\u001b]0;title\u0007\u001b[2J\u009b31m";
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

/** A daemon that says what no BuildKit would: `response` is what its exporter answers; none: builds fail. */
function hostileDaemon(response?: Readonly<Record<string, string>>): GrpcService {
  return grpcService(Control, {
    listWorkers: () => ({
      record: [
        {
          ID: evil,
          Labels: { "org.mobyproject.buildkit.worker.snapshotter": evil },
          platforms: [
            { OS: "linux", Architecture: "amd64" },
            { OS: evil, Architecture: evil },
          ],
        },
      ],
    }),
    info: () => ({ buildkitVersion: { version: `v0.32.2${evil}` } }),
    // The session and the status stay open.
    session: { raw: async ({ signal }) => await ended(signal) },
    async *status(_, { signal }) {
      yield { vertexes: [{ digest: evil, name: `[1/1] RUN ${evil}`, started: { seconds: 1n } }] };
      await ended(signal);
    },
    solve: () => {
      if (response !== undefined) return { ExporterResponse: response };
      throw new GrpcError(grpcCode.unknown, `failed to solve: ${evil}boom\n${evil}`);
    },
  });
}

async function ended(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve());
  await promise;
}

async function buildOn(
  daemon: GrpcService,
  args: readonly string[] = [],
): Promise<{ exitCode: number | null; output: string }> {
  await using directory = await tempDirectory();
  const socket = join(directory.path, "s");
  using _listener = serveSockets(socket, (stream) => void serveGrpc(stream, [daemon]));
  await using project = await projectDirectory();
  const env = { BUILDKIT_HOST: `unix://${socket}` };
  const command = args.length > 0 ? args : ["build", "--progress=plain", "--handover=session"];
  const { exitCode, stdout, stderr } = await runHive(command, { cwd: project.path, env });
  return { exitCode, output: stdout + stderr };
}

test("nothing that a daemon says reaches the terminal as an escape sequence", async () => {
  const built = await buildOn(hostileDaemon());
  expect([built.exitCode, built.output.includes("boom")]).toEqual([1, true]);
  expect(built.output).not.toMatch(controls);
  for (const command of [["doctor"], ["wait", "--timeout=5s"], ["dev", "du"]]) {
    expect((await buildOn(hostileDaemon(), command)).output).not.toMatch(controls);
  }
});

test("an image that the daemon describes in no known way fails the build in words of ours", async () => {
  const digest = `sha256:${"0".repeat(64)}`;
  const descriptors = [evil, btoa("{}"), btoa('{"digest":"../../x"}')];
  const built = descriptors.map((descriptor) =>
    buildOn(
      hostileDaemon({ "containerimage.digest": digest, "containerimage.descriptor": descriptor }),
    ),
  );
  for (const { exitCode, output } of await Promise.all(built)) {
    expect([exitCode, output]).toEqual([1, expect.stringContaining("described no image")]);
    expect(output).not.toMatch(/internal error/i);
  }
});
