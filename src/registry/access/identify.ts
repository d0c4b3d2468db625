import { notesOf } from "../request-notes.ts";
import { type Access, type Authenticate, fullAccess } from "./access.ts";

/** The part of Bun's server that knows where a request came from. */
type AddressSource = { requestIP(request: Request): { readonly address: string } | null };

/**
 * Finds out what the sender of a request may do, and notes who it is. Without `authenticate` everybody may do everything.
 * @throws RegistryError as `authenticate` does
 */
export async function identify(
  request: Request,
  server: AddressSource | undefined,
  authenticate: Authenticate | undefined,
): Promise<Access> {
  const access = (await authenticate?.(request, server?.requestIP(request)?.address)) ?? fullAccess;
  const notes = notesOf(request);
  if (notes !== undefined) notes.user = access.user;
  return access;
}
