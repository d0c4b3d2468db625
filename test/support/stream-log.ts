import type { HeaderList } from "../../src/http2/header-list.ts";
import type { Http2Error } from "../../src/http2/http2-error.ts";
import type { StreamHandlers } from "../../src/http2/stream-handle.ts";

/** Handlers that note what happens on a stream and consume nothing. */
export class StreamLog implements StreamHandlers {
  fields: HeaderList | undefined;
  trailers: HeaderList | undefined;
  error: Http2Error | undefined;
  bytes = 0;
  drains = 0;

  headers(fields: HeaderList): void {
    this.fields = fields;
  }

  data(chunk: Uint8Array): void {
    this.bytes += chunk.length;
  }

  end(trailers: HeaderList): void {
    this.trailers = trailers;
  }

  drain(): void {
    this.drains++;
  }

  fail(error: Http2Error): void {
    this.error = error;
  }
}
