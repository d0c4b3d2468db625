import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { openLayout } from "../../src/oci/layout.ts";
import { run } from "../support/run.ts";
import { storeSampleImage } from "../oci/support/sample-image.ts";
import { requireEnv } from "../support/require-env.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { startRegistryProcess } from "./support/registry-process.ts";

type Run = (...command: readonly string[]) => Promise<string>;

type Login = {
  readonly login: (run: Run, address: string, password: string) => Promise<unknown>;
  readonly push: (run: Run, image: string) => Promise<unknown>;
  readonly pull: (run: Run, image: string) => Promise<unknown>;
};

const password = "correct horse battery";
const noTls = "--tls-verify=false";

function program(name: string): string {
  return join(requireEnv("HIVE_TEST_CLIENTS"), name);
}

const regctl = (image: string, ...args: readonly string[]): readonly string[] => [
  program("regctl"),
  "--host",
  `reg=${image.split("/")[0]},tls=disabled`,
  ...args,
];

const clients: Readonly<Record<string, Login>> = {
  docker: {
    login: (r, address, secret) => r("docker", "login", "-u", "ann", "-p", secret, address),
    // The engine has the image from skopeo's push, which is not under test here.
    async push(r, image) {
      await r("rm", "-f", "a.tar");
      await r("skopeo", "copy", "oci:layout:image", `docker-archive:a.tar:${image}`);
      await r("docker", "load", "--input", "a.tar");
      await r("docker", "push", image);
      await r("docker", "rmi", image);
    },
    pull: (r, image) => r("docker", "pull", image),
  },
  skopeo: {
    login: (r, address, secret) => r("skopeo", "login", noTls, "-u", "ann", "-p", secret, address),
    push: (r, image) =>
      r("skopeo", "copy", "--dest-tls-verify=false", "oci:layout:image", `docker://${image}`),
    pull: (r, image) => r("skopeo", "inspect", noTls, `docker://${image}`),
  },
  crane: {
    login: (r, address, secret) =>
      r(program("crane"), "auth", "login", "-u", "ann", "-p", secret, address),
    push: (r, image) => r(program("crane"), "--insecure", "push", "layout", image, "--index"),
    pull: (r, image) => r(program("crane"), "--insecure", "pull", image, "pulled.tar"),
  },
  regctl: {
    login: (r, address, secret) =>
      r(...regctl(address, "registry", "login", "-u", "ann", "-p", secret, address)),
    push: (r, image) => r(...regctl(image, "image", "copy", "ocidir://layout:image", image)),
    pull: (r, image) => r(...regctl(image, "image", "copy", image, "ocidir://pulled:1")),
  },
  oras: {
    login: (r, address, secret) =>
      r(program("oras"), "login", "--plain-http", "-u", "ann", "-p", secret, address),
    push: (r, image) =>
      r(program("oras"), "cp", "--from-oci-layout", "--to-plain-http", "layout:image", image),
    pull: (r, image) =>
      r(program("oras"), "cp", "--to-oci-layout", "--from-plain-http", image, "pulled:1"),
  },
};

describe("with users", () => {
  test.each(Object.entries(clients))(
    "%s logs in, pushes and pulls, and can't without",
    async (_, client) => {
      await using directory = await tempDirectory();
      const users = join(directory.path, "users");
      const hash = await Bun.password.hash(password, { algorithm: "bcrypt", cost: 10 });
      await Bun.write(users, `ann:${hash}\n`);
      await Bun.write(join(directory.path, "auth.json"), "{}");
      {
        using layout = await openLayout(join(directory.path, "layout"));
        const image = await storeSampleImage(layout.blobs);
        await layout.update(new Map([["image", image]]));
      }
      await using registry = await startRegistryProcess("unsynced", ["--htpasswd", users]);
      const runHere: Run = async (...command) =>
        await run(command, directory.path, {
          HOME: directory.path,
          DOCKER_HOST: requireEnv("HIVE_TEST_DOCKER_HOST"),
          DOCKER_CONFIG: join(directory.path, ".docker"),
          REGISTRY_AUTH_FILE: join(directory.path, "auth.json"),
        });
      const image = `${registry.address}/team/app:1`;
      const outcome = async (work: Promise<unknown>): Promise<string> => {
        try {
          await work;
          return "done";
        } catch (error) {
          return /unauthorized|authentication|denied|credential/i.exec(String(error)) === null
            ? String(error)
            : "refused";
        }
      };
      expect(await outcome(client.push(runHere, image))).toBe("refused");
      expect(await outcome(client.pull(runHere, image))).toBe("refused");
      await client.login(runHere, registry.address, password);
      expect(await outcome(client.push(runHere, image))).toBe("done");
      expect(await outcome(client.pull(runHere, image))).toBe("done");
      expect(registry.errors()).toBe("");
    },
    120_000,
  );
});
