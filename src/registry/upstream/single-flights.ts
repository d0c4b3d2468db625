/** Does the same thing once however many ask for it meanwhile. */
export type SingleFlights<Value> = {
  run(key: string, work: () => Promise<Value>): Promise<Value>;
};

/** With nothing under way. */
export function createSingleFlights<Value>(): SingleFlights<Value> {
  const flights = new Map<string, Promise<Value>>();
  return {
    run(key, work) {
      const known = flights.get(key);
      if (known !== undefined) return known;
      const flight = work().finally(() => flights.delete(key));
      flights.set(key, flight);
      return flight;
    },
  };
}
