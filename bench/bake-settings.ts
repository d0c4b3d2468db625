/** Seconds since 1970: hive and bake both take it from the environment as the time of every image. */
export const sourceDateEpoch = "1700000000";

/**
 * Makes bake export what hive does: OCI images, pushed to the registry at `address`, with the same time in their
 * configs and in the layers, which BuildKit packs once more for it.
 */
export function bakeSettings(address: string): string[] {
  const output = [
    `type=image,name=${address}/bench,push=true,oci-mediatypes=true,store=false`,
    `rewrite-timestamp=true,source-date-epoch=${sourceDateEpoch}`,
  ].join(",");
  return [
    "--builder=bench",
    "--provenance=false",
    "--progress=quiet",
    `--set=*.output=${output}`,
    `--set=*.args.SOURCE_DATE_EPOCH=${sourceDateEpoch}`,
  ];
}
