import { describe, expect, test } from "bun:test";
import { findReason } from "../../src/daemon/find-reason.ts";

const noIds =
  'failed to setup UID/GID map: failed to compute uid/gid map: No subuid ranges found for user 54321 ("plain")';
const parent = `[rootlesskit:parent] error: ${noIds}`;
const exits = [
  "[rootlesskit:child ] error: command [/bin/buildkitd --config /x.toml] exited: exit status 1",
  "[rootlesskit:parent] error: child exited: exit status 1",
];

describe("findReason", () => {
  test.each([
    { what: "rootlesskit's, alone", log: [parent], reason: noIds },
    {
      what: "rootlesskit's, whose child lost it",
      log: [parent, "[rootlesskit:child ] error: parsing message from fd 3: EOF"],
      reason: noIds,
    },
    {
      what: "the same of rootlesskit 2, the child first",
      log: ["[rootlesskit:child ] error: EOF", parent],
      reason: noIds,
    },
    {
      what: "the child's, whose parent lost it",
      log: [
        "[rootlesskit:child ] error: failed to share mount point: /: permission denied",
        "[rootlesskit:parent] error: write |1: broken pipe",
      ],
      reason: "failed to share mount point: /: permission denied",
    },
    {
      what: "the daemon's below rootlesskit",
      log: ["buildkitd: mkdir /root: not a directory", "main.main", ...exits],
      reason: "mkdir /root: not a directory",
    },
    {
      what: "the daemon's, whatever it ends in",
      log: ["buildkitd: failed to read the database: unexpected EOF", ...exits],
      reason: "failed to read the database: unexpected EOF",
    },
    {
      what: "one that it logs",
      log: ['time="2026-01-01T00:00:00Z" level=fatal msg="no worker found" x=y'],
      reason: "no worker found",
    },
    {
      what: "that it ended, where nobody says why",
      log: exits,
      reason: "child exited: exit status 1",
    },
    { what: "none", log: ["something else"], reason: undefined },
  ])("$what", ({ log, reason }) => {
    expect(findReason(log)).toBe(reason);
  });
});
