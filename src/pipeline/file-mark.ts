import type { Provider } from "./pipeline.ts";

/** The first line of each file that hive writes for a system. */
export function fileMark(provider: Provider): string {
  return `# Written by hive template ci --provider=${provider}. Change hive.yml or templates/ci/${provider}/, and run it again.\n`;
}

/** Whether hive wrote a file, of whatever version. */
export function hasMark(text: string): boolean {
  return text.startsWith("# Written by hive template ci ");
}
