import { connect } from "./connect.ts";

/** Copies a blob from a registry to another repository of it, in a process of its own. Arguments: address, descriptor. */
const [address = "", descriptor = ""] = process.argv.slice(2);
const remote = connect(address);
const blob = JSON.parse(descriptor);
await remote.writeBlob("copy", blob, (offset) => remote.readBlob("app", blob, { offset }));
process.exit(0);
