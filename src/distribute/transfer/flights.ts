/** Runs what several may want at the same time once. */
export type Flights<T> = {
  /**
   * Runs `action`, unless somebody did so for this key already: then its outcome is theirs. After a failure it is tried
   * again, but by those who wait for it only where they would go another way.
   * @param way what makes a second try worth while: another source, say
   */
  once(
    key: string,
    way: string,
    action: () => Promise<T>,
  ): Promise<{ readonly value: T; readonly own: boolean }>;
};

export function createFlights<T>(): Flights<T> {
  const flights = new Map<string, { readonly way: string; readonly outcome: Promise<T> }>();
  return {
    async once(key, way, action) {
      let flight = flights.get(key);
      while (flight !== undefined) {
        try {
          return { value: await flight.outcome, own: false };
        } catch (error) {
          if (flight.way === way) throw error;
        }
        const next = flights.get(key);
        flight = next === flight ? undefined : next;
      }
      const started = { way, outcome: action() };
      flights.set(key, started);
      try {
        return { value: await started.outcome, own: true };
      } catch (error) {
        if (flights.get(key) === started) flights.delete(key);
        throw error;
      }
    },
  };
}
