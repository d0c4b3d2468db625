/**
 * Asks `probe` again and again until it answers something other than undefined, and returns that.
 * @param what Completes "Not so after 30 s: ...".
 * @param limit Milliseconds.
 * @throws Error when the limit has passed; whatever `probe` throws.
 */
export async function waitUntil<T>(
  what: string,
  limit: number,
  probe: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const end = performance.now() + limit;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) {
      return answer;
    }
    if (performance.now() > end) {
      throw new Error(`Not so after ${limit / 1000} s: ${what}`);
    }
    await Bun.sleep(20);
  }
}
