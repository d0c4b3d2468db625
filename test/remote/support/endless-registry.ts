/**
 * A registry in a process of its own, with one blob of as many bytes as its argument says, and whatever is uploaded: that it
 * takes slowly at first, and forgets. Prints its address and the blob's digest.
 */
const size = Number(process.argv[2]);
const piece = new Uint8Array(1024 * 1024).fill(7);
const hasher = new Bun.CryptoHasher("sha256");
for (let at = 0; at < size; at += piece.byteLength) hasher.update(piece);

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 0,
  maxRequestBodySize: Number.MAX_SAFE_INTEGER,
  async fetch(request) {
    if (request.method === "POST") {
      return new Response(null, { status: 202, headers: { Location: "/upload" } });
    }
    if (request.method === "PUT") {
      let taken = 0;
      for await (const chunk of request.body ?? []) {
        // What the source sends meanwhile must not pile up between the two.
        if (taken < 4 * piece.byteLength) await Bun.sleep(20);
        taken += chunk.byteLength;
      }
      return new Response(null, { status: taken === size ? 201 : 400 });
    }
    let sent = 0;
    return new Response(
      new ReadableStream<Uint8Array>({
        pull(controller) {
          if (sent === size) {
            controller.close();
            return;
          }
          sent += piece.byteLength;
          controller.enqueue(piece.slice());
        },
      }),
      { headers: { "Content-Length": String(size) } },
    );
  },
});
const told = { address: `127.0.0.1:${server.port}`, digest: `sha256:${hasher.digest("hex")}` };
process.stdout.write(`${JSON.stringify(told)}\n`);
