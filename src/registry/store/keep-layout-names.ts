import { errorMessage } from "../../base/error-message.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { JournalMetadataStore } from "./journal-metadata-store.ts";
import { writeLayoutNames } from "./layout-names.ts";

type KeepOptions = {
  readonly directory: string;
  readonly metadata: JournalMetadataStore;
  /** Entries that stay as they are. */
  readonly others: readonly Descriptor[];
  readonly onWarning: (message: string) => void;
};

// Milliseconds.
const interval = 60_000;

/**
 * Writes `index.json` once a minute when tags have changed, and when disposed of. The journal is what counts: to write
 * it with every push would make each as slow as there are tags.
 */
export function keepLayoutNames(options: KeepOptions): AsyncDisposable {
  const { directory, metadata, others, onWarning } = options;
  // Unknown, for the last process may have been killed before it wrote.
  let written: number | undefined;
  let writing: Promise<void> = Promise.resolve();
  const write = async (): Promise<void> => {
    const revision = metadata.namesRevision();
    if (revision === written) return;
    try {
      await writeLayoutNames(directory, metadata, others);
      written = revision;
    } catch (error) {
      const reason = errorMessage(error);
      onWarning(`Cannot write "${directory}/index.json" for other tools, and try again: ${reason}`);
    }
  };
  const writeNext = (): Promise<void> => {
    writing = writing.then(write);
    return writing;
  };
  const timer = setInterval(() => void writeNext(), interval);
  timer.unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await writeNext();
    },
  };
}
