import { errorCode } from "./error-code.ts";
import { encodeFrame, frameType, readUint32, writeUint32 } from "./frame.ts";
import { Http2Error } from "./http2-error.ts";

/** RFC 9113, section 6.5.2. */
export const settingId = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;

/** A stream's and a connection's window before anything was said. */
export const defaultWindowSize = 65_535;
/** The most that a window may come to (RFC 9113, section 6.9.1). */
export const maxWindowSize = 0x7fffffff;

export type Setting = readonly [id: number, value: number];

/** A SETTINGS frame. */
export function encodeSettings(settings: readonly Setting[]): Uint8Array {
  const payload = new Uint8Array(settings.length * 6);
  for (const [index, [id, value]] of settings.entries()) {
    payload[index * 6] = id >>> 8;
    payload[index * 6 + 1] = id;
    writeUint32(payload, index * 6 + 2, value);
  }
  return encodeFrame(frameType.settings, 0, 0, payload);
}

/** The settings of a frame's payload, in order, unknown ones included. Throws an `Http2Error` of the connection. */
export function parseSettings(payload: Uint8Array): Setting[] {
  if (payload.length % 6 !== 0) {
    throw settingsError(
      errorCode.frameSizeError,
      `${payload.length} octets are no list of settings`,
    );
  }
  const settings: Setting[] = [];
  for (let position = 0; position < payload.length; position += 6) {
    const id = ((payload[position] ?? 0) << 8) | (payload[position + 1] ?? 0);
    const value = readUint32(payload, position + 2);
    checkSetting(id, value);
    settings.push([id, value]);
  }
  return settings;
}

function checkSetting(id: number, value: number): void {
  if (id === settingId.enablePush && value > 1) {
    throw settingsError(errorCode.protocolError, `ENABLE_PUSH is ${value}`);
  }
  if (id === settingId.initialWindowSize && value > maxWindowSize) {
    throw settingsError(errorCode.flowControlError, `INITIAL_WINDOW_SIZE is ${value}`);
  }
  if (id === settingId.maxFrameSize && (value < 16_384 || value > 16_777_215)) {
    throw settingsError(errorCode.protocolError, `MAX_FRAME_SIZE is ${value}`);
  }
}

function settingsError(code: number, detail: string): Http2Error {
  return new Http2Error("connection", code, `The peer sent invalid settings: ${detail}`);
}
