/** A place in a text file: the path as shown to the user; line and column count from 1. */
export type Place = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Characters to underline; 1 when absent. */
  readonly length?: number;
};

/** One finding in the user's files. All findings of a run are collected and shown together. */
export type Diagnostic = {
  /** Stable: HV1xxx configuration, HV2xxx Dockerfiles and templates, HV3xxx graph, HV6xxx secrets. */
  readonly code: `HV${number}`;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly place: Place;
  /** The text of the line at `place`, for the frame. */
  readonly lineText?: string | undefined;
  /** Stands beside the underline: `did you mean "platforms"?`. */
  readonly label?: string | undefined;
  /** What to do about it. */
  readonly help?: string | undefined;
  /** Other places that belong to the finding, as the edges of a cycle do. */
  readonly related?:
    | readonly {
        readonly place: Place;
        readonly message: string;
        readonly lineText?: string | undefined;
      }[]
    | undefined;
};
