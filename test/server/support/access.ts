import { type Authenticate, unauthorized } from "../../../src/registry/access/access.ts";

export const challenge = 'Basic realm="hive"';

/** `user` with password `secret` may do all; others may read what is below `readable`, and nothing where it is undefined. */
export function testUsers(readable?: string): Authenticate {
  const known = `Basic ${btoa("user:secret")}`;
  return (request) => {
    const given = request.headers.get("authorization");
    if (given === known) return { user: "user", admin: false, challenge, may: () => true };
    if (given !== null || readable === undefined) throw unauthorized(challenge);
    return {
      user: undefined,
      admin: false,
      challenge,
      may: (action, repository) => action === "read" && repository.startsWith(readable),
    };
  };
}

export const asUser = { Authorization: `Basic ${btoa("user:secret")}` };
