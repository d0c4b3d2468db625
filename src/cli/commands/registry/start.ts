import { HiveError } from "../../../base/hive-error.ts";
import { putUser, readUsers, removeUser } from "../../../registry/access/edit-users.ts";
import type { ServerSettings } from "../../../server/server-settings.ts";
import { readServerState } from "../../../server/server-state.ts";
import { startServer } from "../../../server/start-server.ts";
import type { App } from "../../app.ts";
import { defineCommand } from "../../define-command.ts";
import { accessLog } from "../../registry/log-files.ts";
import { readServerSettings, serverFlags } from "../../registry/server-flags.ts";
import { startDetached } from "../../registry/start-detached.ts";
import { usersFile } from "../../registry/users-file.ts";
import { version } from "../../version.ts";

/** The user that a secure registry has from the start. */
const firstUser = "admin";

export const registryStartCommand = defineCommand({
  args: {
    ...serverFlags,
    detach: {
      type: "boolean",
      description: "Return as soon as it listens; `hive registry stop` ends it",
    },
    json: { type: "boolean", description: "Print address, storage and credential as JSON" },
  },
  async run(app, args) {
    const settings = readServerSettings(app, args);
    const print = (started: Started): void => printStarted(app, args.json === true, started);
    if (args.detach === true) return print(await startInBackground(app, settings));

    app.endBySignal(settings.stopGrace + cleanUp);
    const { started, password } = await withFirstUser(settings, () =>
      startServer(settings, {
        version,
        onWarning: (text) => app.log.warn(stamped(app, text)),
        onError: (error) => app.log.error(stamped(app, error.message)),
      }),
    );
    await using server = started;
    const { storage } = settings;
    print({
      url: server.url,
      pid: process.pid,
      storage,
      password,
      authority: server.authorityFile,
    });
    await aborted(app.signal);
    app.log.info(stamped(app, "Stopping"));
  },
});

type Started = {
  readonly url: string;
  readonly pid: number;
  readonly storage: string | undefined;
  /** Of the first user, when it was made just now. */
  readonly password: string | undefined;
  /** The file that clients have to trust. */
  readonly authority: string | undefined;
};

/** For what is left to do when all pushes have ended, or were cut. */
const cleanUp = 10_000;

async function startInBackground(app: App, settings: ServerSettings): Promise<Started> {
  const { storage } = settings;
  if (storage === undefined) {
    throw new HiveError("usage", "Cannot use --detach with --ephemeral", {
      hint: "A server in the background is found by its storage: name a directory with --storage.",
    });
  }
  const other = await readServerState(storage);
  if (other !== undefined) {
    throw new HiveError("failed", `A registry is running already on "${storage}": ${other.url}`, {
      hint: "Stop it with `hive registry stop`, or name another directory with --storage.",
    });
  }
  // Here, where somebody reads what it says, and not in a log.
  const { started: state, password } = await withFirstUser(settings, () =>
    startDetached(app, storage, [
      ...process.argv.slice(2).filter((argument) => !/^--detach(?:=|$)/.test(argument)),
      "--no-detach",
      ...(settings.accessLog === undefined ? [`--access-log=${accessLog(storage)}`] : []),
    ]),
  );
  return {
    url: state.url,
    pid: state.pid,
    storage,
    password,
    authority: state.certificateAuthority,
  };
}

/** `start` with a first user, who goes again when it fails: nobody would ever be told the password. */
async function withFirstUser<T>(
  settings: ServerSettings,
  start: () => Promise<T>,
): Promise<{ readonly started: T; readonly password: string | undefined }> {
  const password = await makeFirstUser(settings);
  try {
    return { started: await start(), password };
  } catch (error) {
    if (password !== undefined && settings.users !== undefined) {
      await removeUser(settings.users, firstUser);
    }
    throw error;
  }
}

/** A secure registry without users gets one, who may do everything; its password is returned, and is written nowhere. */
async function makeFirstUser({ storage, users }: ServerSettings): Promise<string | undefined> {
  if (storage === undefined || users !== usersFile(storage)) return undefined;
  if ((await readUsers(users)).size > 0) return undefined;
  return await putUser(users, firstUser, { grants: "admin" });
}

function printStarted(app: App, json: boolean, started: Started): void {
  const { url, password, authority } = started;
  if (json) {
    const { password: _, ...rest } = started;
    const credential = password === undefined ? {} : { username: firstUser, password };
    app.stdout.write(`${JSON.stringify({ ...rest, ...credential })}\n`);
    return;
  }
  app.stdout.write(`${url}\n`);
  if (password !== undefined) {
    app.stdout.write(`username: ${firstUser}\npassword: ${password}\n`);
    app.log.info(
      `The password is shown this once. \`hive registry user add ${firstUser} --password-stdin\` changes it.`,
    );
  }
  if (authority !== undefined) {
    app.log.info(`Clients have to trust ${authority}: see \`hive registry trust\`.`);
  }
}

/** With the time where nobody is watching. */
function stamped(app: App, text: string): string {
  return app.stderr.isTTY ? text : `${new Date().toISOString()} ${text}`;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
}
