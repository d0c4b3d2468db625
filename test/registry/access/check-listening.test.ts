import { describe, expect, test } from "bun:test";
import { checkListening } from "../../../src/registry/access/check-listening.ts";
import { thrownText } from "../../support/thrown.ts";

const open = { tls: false, users: false, insecureListen: false };

describe("checkListening()", () => {
  test.each(["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost", "::ffff:127.0.0.1"])(
    "lets %s be open: nothing else reaches it",
    async (host) => {
      await checkListening({ ...open, host });
    },
  );

  test.each([
    "0.0.0.0",
    "::",
    "192.0.2.1",
    "fe80::1",
    "no-such-host.invalid",
    "128.0.0.1",
    "127.evil",
  ])("refuses %s", async (host) => {
    const text = await thrownText(() => checkListening({ ...open, host }), "/nowhere");
    expect(text).toBe(
      `usage: Cannot listen on "${host}" without TLS and users: anybody who reaches it could change everything\n\n` +
        "Add --secure, which makes certificates and a first user,\n" +
        "or stay on this machine with --host 127.0.0.1,\n" +
        "or add --insecure-listen where everybody on the network may be trusted.",
    );
  });

  test("needs both TLS and users, or the word for it", async () => {
    const host = "0.0.0.0";
    await checkListening({ host, tls: true, users: true, insecureListen: false });
    await checkListening({ host, tls: false, users: false, insecureListen: true });
    const withoutUsers = checkListening({ host, tls: true, users: false, insecureListen: false });
    expect(await withoutUsers.catch(String)).toContain("without users: anybody who reaches it");
    const withoutTls = checkListening({ host, tls: false, users: true, insecureListen: false });
    expect(await withoutTls.catch(String)).toContain("without TLS: passwords would cross");
  });
});
