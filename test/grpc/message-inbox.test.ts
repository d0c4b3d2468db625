import { expect, test } from "bun:test";
import { grpcCode } from "../../src/grpc/grpc-code.ts";
import { GrpcError } from "../../src/grpc/grpc-error.ts";
import { encodeMessagePrefix } from "../../src/grpc/message-frame.ts";
import { MessageInbox } from "../../src/grpc/message-inbox.ts";

function frame(length: number, fill = 1): Uint8Array {
  return Buffer.concat([encodeMessagePrefix(length), Buffer.alloc(length, fill)]);
}

function createInbox(): { inbox: MessageInbox; consumed: () => number } {
  let consumed = 0;
  const inbox = new MessageInbox((bytes) => {
    consumed += bytes;
  });
  return { inbox, consumed: () => consumed };
}

test("MessageInbox gives credit for a message when it is taken, not when it comes", async () => {
  const { inbox, consumed } = createInbox();
  inbox.push(Buffer.concat([frame(100), frame(200), frame(50).subarray(0, 20)]));
  expect(consumed()).toBe(0);
  const messages = inbox[Symbol.asyncIterator]();
  expect((await messages.next()).value?.length).toBe(100);
  expect(consumed()).toBe(105);
  await messages.next();
  expect(consumed()).toBe(310);
});

test("MessageInbox gives credit early for a message that may be larger than the window", () => {
  const { inbox, consumed } = createInbox();
  const large = frame(8 * 1024 * 1024);
  inbox.push(large.subarray(0, 1024 * 1024));
  expect(consumed()).toBe(1024 * 1024);
  // Not for the next one while this one waits for its reader.
  inbox.push(large.subarray(1024 * 1024));
  const before = consumed();
  inbox.push(large.subarray(0, 1024 * 1024));
  expect(consumed()).toBe(before);
});

test.each([1, 2, 3, 5, 7, 100])("MessageInbox joins messages cut every %d octets", async (cut) => {
  const { inbox, consumed } = createInbox();
  const sizes = [0, 1, 5, 300, 0, 17];
  const octets = Buffer.concat(sizes.map((size, index) => frame(size, index)));
  for (let at = 0; at < octets.length; at += cut) inbox.push(octets.subarray(at, at + cut));
  inbox.finish();
  const received: Uint8Array[] = [];
  for await (const message of inbox) received.push(message);
  expect(received.map((message) => Buffer.from(message))).toEqual(
    sizes.map((size, index) => Buffer.alloc(size, index)),
  );
  expect(consumed()).toBe(octets.length);
});

test("MessageInbox delivers what is there before it tells an error", async () => {
  const { inbox } = createInbox();
  inbox.push(frame(3));
  inbox.finish(new GrpcError(grpcCode.unavailable, "gone"));
  const received: number[] = [];
  let problem: unknown;
  try {
    for await (const message of inbox) received.push(message.length);
  } catch (error) {
    problem = error;
  }
  expect(received).toEqual([3]);
  expect(problem).toMatchObject({ code: grpcCode.unavailable, message: "gone" });
});

test("MessageInbox takes the end of a stream inside a message for an error", async () => {
  const { inbox } = createInbox();
  inbox.push(frame(10).subarray(0, 8));
  inbox.finish();
  let problem: unknown;
  try {
    for await (const message of inbox) throw new Error(`Unexpected message of ${message.length}`);
  } catch (error) {
    problem = error;
  }
  expect(problem).toMatchObject({ code: grpcCode.internal });
});

test("MessageInbox consumes and drops everything after its loop was left", async () => {
  const { inbox, consumed } = createInbox();
  inbox.push(Buffer.concat([frame(10), frame(10), frame(10).subarray(0, 7)]));
  for await (const message of inbox) {
    expect(message.length).toBe(10);
    break;
  }
  expect(consumed()).toBe(37);
  inbox.push(frame(10).subarray(7));
  expect(consumed()).toBe(45);
});

test("MessageInbox pauses and resumes its subscriber", () => {
  const { inbox, consumed } = createInbox();
  const sizes: number[] = [];
  let ends = 0;
  inbox.subscribe({
    message: (message) => sizes.push(message.length),
    end: () => {
      ends++;
    },
  });
  inbox.push(frame(1));
  inbox.pause();
  inbox.push(Buffer.concat([frame(2), frame(3)]));
  inbox.finish();
  expect(sizes).toEqual([1]);
  expect(consumed()).toBe(6);
  expect(ends).toBe(0);
  inbox.resume();
  expect(sizes).toEqual([1, 2, 3]);
  expect(ends).toBe(1);
});

test("MessageInbox goes on with a message larger than the window that came while it was paused", () => {
  const { inbox, consumed } = createInbox();
  inbox.subscribe({ message() {}, end() {} });
  const large = frame(8 * 1024 * 1024);
  inbox.pause();
  inbox.push(large.subarray(0, 1024 * 1024));
  expect(consumed()).toBe(0);
  inbox.resume();
  expect(consumed()).toBe(1024 * 1024);
});

test.each([
  ["a compressed message", Uint8Array.of(1, 0, 0, 0, 1, 0), grpcCode.internal],
  ["a message over 16 MiB", Uint8Array.of(0, 1, 0, 0, 1), grpcCode.resourceExhausted],
])("MessageInbox refuses %s", (_what, octets, code) => {
  let problem: unknown;
  try {
    createInbox().inbox.push(octets);
  } catch (error) {
    problem = error;
  }
  expect(problem).toMatchObject({ name: "GrpcError", code });
});

test("MessageInbox gives a subscriber memory that it uses again, and keeps what waits for a pause's end", () => {
  const inbox = new MessageInbox(() => {});
  const read: string[] = [];
  inbox.subscribe({
    message: (message) => void read.push(Buffer.from(message).toString()),
    end: () => {},
  });
  const push = (text: string): void => {
    const message = Buffer.concat([encodeMessagePrefix(text.length), Buffer.from(text)]);
    // In two pieces, so that it has to be put together.
    inbox.push(message.subarray(0, 8));
    inbox.push(message.subarray(8));
  };
  push("first message");
  push("second, longer message");
  inbox.pause();
  push("third");
  push("fourth message");
  inbox.resume();
  push("fifth message");
  expect(read).toEqual([
    "first message",
    "second, longer message",
    "third",
    "fourth message",
    "fifth message",
  ]);
});
