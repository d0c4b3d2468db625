import type { MetricFamily } from "./exposition.ts";

/** Measures the process as long as it is not disposed of. */
export type ProcessMetrics = Disposable & { families(): readonly MetricFamily[] };

const interval = 500;
/** Samples that are looked back on: together longer than scrapes are usually apart. */
const remembered = 60;

/** @param version of hive, which a label shows */
export function createProcessMetrics(version: string): ProcessMetrics {
  const lags = new Float64Array(remembered);
  let next = 0;
  let due = performance.now() + interval;
  const timer = setInterval(() => {
    const now = performance.now();
    lags[next] = Math.max(now - due, 0);
    next = (next + 1) % remembered;
    due = now + interval;
  }, interval);
  timer.unref();

  return {
    families() {
      const { user, system } = process.cpuUsage();
      // A block that lasts until now has not been seen by the timer.
      const lag = Math.max(...lags, performance.now() - due);
      return [
        {
          name: "hive_registry_build_info",
          help: "Always 1; the version is in the label.",
          type: "gauge",
          samples: [{ labels: { version }, value: 1 }],
        },
        gauge(
          "hive_registry_event_loop_lag_seconds",
          "The longest time that work was late in the last half minute.",
          lag / 1000,
        ),
        {
          name: "process_cpu_seconds_total",
          help: "User and system time of the process.",
          type: "counter",
          samples: [{ value: (user + system) / 1e6 }],
        },
        gauge(
          "process_resident_memory_bytes",
          "Memory of the process that is in RAM.",
          process.memoryUsage.rss(),
        ),
        gauge(
          "process_start_time_seconds",
          "When the process started, in seconds since 1970.",
          performance.timeOrigin / 1000,
        ),
      ];
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

function gauge(name: string, help: string, value: number): MetricFamily {
  return { name, help, type: "gauge", samples: [{ value }] };
}
