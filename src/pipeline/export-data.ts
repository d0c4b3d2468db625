import type { TemplateData } from "../template/template-data.ts";
import type { Value } from "../template/value.ts";

/** What a template handed over, as data for another one. @throws Error for times and versions */
export function exportData(value: Value): TemplateData {
  if (value === undefined || value === null) return null;
  if (typeof value !== "object") return value;
  switch (value.kind) {
    case "integer":
      return value.value;
    case "list":
      return value.items.map((item) => exportData(item));
    case "map":
      return new Map([...value.entries].map(([key, item]) => [key, exportData(item)]));
    case "struct":
      return new Map([...value.fields].map(([key, item]) => [key, exportData(item)]));
    case "time":
    case "version":
      throw new Error(`a ${value.kind} can't be handed to another template`);
  }
}
