// The table of figures: what was measured, what was reached, and the budget it is held to.

import { median, p95 } from "./statistics.mjs";

const NOT_REACHED = "not reached";

const ms = (value) => `${value.toPrecision(3)} ms`;
const kB = (value) => (value >= 1e6 ? `${(value / 1e6).toFixed(1)} MB` : `${(value / 1e3).toFixed(0)} kB`);

export function rowsOf() {
  const rows = [];
  const missed = [];
  const add = (name, budget, reached, holds) => {
    rows.push([name, ...reached, budget ?? ""]);
    if (budget !== undefined && !holds) {
      missed.push(name);
    }
  };
  return {
    missed,

    // Times in ms; the budgets are for the median and for the 95th percentile.
    times(name, budget, times, budgetOfP95) {
      const none = times.length === 0;
      const held = (value, limit) => limit === undefined || value <= limit;
      const limit = budget === undefined ? budgetOfP95 && `p95 ≤ ${budgetOfP95} ms` : `median ≤ ${budget} ms`;
      const holds = !none && held(median(times), budget) && held(p95(times), budgetOfP95);
      add(name, limit, none ? [NOT_REACHED, ""] : [ms(median(times)), times.length > 1 ? ms(p95(times)) : ""], holds);
    },

    bytes(name, budget, bytes) {
      const none = Number.isNaN(bytes);
      add(name, budget && `≤ ${kB(budget)}`, [none ? NOT_REACHED : kB(bytes), ""], bytes <= budget);
    },

    score(name, budget, score) {
      add(name, `≥ ${budget}`, [score.toFixed(0), ""], score >= budget);
    },

    lines() {
      return [
        "| figure | median | p95 | budget |",
        "| --- | ---: | ---: | ---: |",
        ...rows.map((cells) => `| ${cells.join(" | ")} |`),
      ];
    },
  };
}
