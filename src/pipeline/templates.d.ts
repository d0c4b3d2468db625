/** Templates are compiled into the binary as text. */
declare module "*.gotpl" {
  const text: string;
  export default text;
}
