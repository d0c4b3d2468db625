/** An address of ours that nobody knows but whom we tell. What it answers says nothing: that it was asked for does. */
export type Invitation = Disposable & {
  readonly url: string;
  /** Resolves with the first request to it. */
  readonly accepted: Promise<void>;
};

/** The invitations of a server. */
export type Invitations = {
  /** @param address the server's: `host:port` */
  invite(address: string): Invitation;
  /** The answer to a request for one of them, which it notes; undefined for all others. */
  answer(request: Request): Response | undefined;
};

/** No invitations yet. */
export function createInvitations(): Invitations {
  const open = new Map<string, () => void>();
  return {
    invite(address) {
      const url = `http://${address}/hive-invitation/${crypto.randomUUID()}`;
      const { promise, resolve } = Promise.withResolvers<void>();
      open.set(url, resolve);
      return { url, accepted: promise, [Symbol.dispose]: () => void open.delete(url) };
    },
    answer(request) {
      const accept = open.size === 0 ? undefined : open.get(request.url);
      if (accept === undefined) return undefined;
      accept();
      // Nothing that anybody would keep.
      return new Response(null, { status: 404 });
    },
  };
}
