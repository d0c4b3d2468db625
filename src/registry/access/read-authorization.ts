/** What a request shows of itself. */
export type Authorization =
  | { readonly kind: "none" }
  | { readonly kind: "basic"; readonly user: string; readonly password: string }
  | { readonly kind: "bearer"; readonly token: string }
  | { readonly kind: "malformed" };

const malformed: Authorization = { kind: "malformed" };
const base64 = /^[A-Za-z0-9+/]*={0,2}$/;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads the `Authorization` header. Given twice it is malformed: the server joins both with a comma.
 * {@link https://www.rfc-editor.org/rfc/rfc7617#section-2}
 */
export function readAuthorization(header: string | null): Authorization {
  if (header === null || header.trim() === "") return { kind: "none" };
  const [, scheme = "", value = ""] = /^([a-z]+) +(\S+)$/i.exec(header.trim()) ?? [];
  switch (scheme.toLowerCase()) {
    case "basic":
      return readBasic(value);
    case "bearer":
      return { kind: "bearer", token: value };
    default:
      return malformed;
  }
}

function readBasic(value: string): Authorization {
  if (!base64.test(value)) return malformed;
  const text = decode(value);
  const colon = text?.indexOf(":") ?? -1;
  if (text === undefined || colon === -1) return malformed;
  const user = text.slice(0, colon);
  const password = text.slice(colon + 1);
  // What some clients send when they have no credentials.
  if (user === "" && password === "") return { kind: "none" };
  return { kind: "basic", user, password };
}

function decode(value: string): string | undefined {
  try {
    return decoder.decode(Buffer.from(value, "base64"));
  } catch {
    return undefined;
  }
}
