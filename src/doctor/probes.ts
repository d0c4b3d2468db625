import type { Probe } from "./probe.ts";
import { authorityProbe } from "./probes/authority.ts";
import { buildkitProbe } from "./probes/buildkit.ts";
import { capabilitiesProbe } from "./probes/capabilities.ts";
import { clockProbe } from "./probes/clock.ts";
import { credentialHelpersProbe } from "./probes/credential-helpers.ts";
import { daemonDiskProbe } from "./probes/daemon-disk.ts";
import { diskProbe } from "./probes/disk.ts";
import { emulatorsProbe } from "./probes/emulators.ts";
import { gitProbe } from "./probes/git.ts";
import { handoverProbe } from "./probes/handover.ts";
import { hiveProbe } from "./probes/hive.ts";
import { lockProbe } from "./probes/lock.ts";
import { nodesProbe } from "./probes/nodes.ts";
import { projectProbe } from "./probes/project.ts";
import { registriesProbe } from "./probes/registries.ts";
import { sessionProbe } from "./probes/session.ts";
import { workersProbe } from "./probes/workers.ts";

/** All that is looked at, in the order in which it is told. */
export const probes: readonly Probe[] = [
  hiveProbe,
  projectProbe,
  gitProbe,
  lockProbe,
  buildkitProbe,
  nodesProbe,
  workersProbe,
  capabilitiesProbe,
  sessionProbe,
  handoverProbe,
  emulatorsProbe,
  clockProbe,
  daemonDiskProbe,
  diskProbe,
  registriesProbe,
  credentialHelpersProbe,
  authorityProbe,
];
