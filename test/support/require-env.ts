/**
 * The value of an environment variable that `scripts/test.sh` sets for the tests.
 * A test that needs a real part fails without it; none is skipped.
 * @throws Error that names the variable and the script.
 */
export function requireEnv(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") {
    throw new Error(
      `Cannot run this test: ${name} is not set. Run the tests with "sh scripts/test.sh"; it sets up the real parts and names them.`,
    );
  }
  return value;
}
