/** Waits for `task`, so many milliseconds at most. Whether it ended in time. @throws what `task` rejects with in time. */
export async function endsWithin(task: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), milliseconds);
  try {
    return await Promise.race([late, task.then(() => true)]);
  } finally {
    clearTimeout(timer);
  }
}
