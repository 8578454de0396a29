// benchmarks.mjs CRITERION DOCUMENT [--keep]: puts the medians that criterion measured between the two marks
// in DOCUMENT, each with the day and the machine. With --keep the rows of what was not measured this time
// stay.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { fill, hardware } from "./document.mjs";

const [criterion, path, keep] = process.argv.slice(2);
const today = new Date().toISOString().slice(0, 10);
const [BEGIN, END] = ["<!-- figures: written by `make bench` -->", "<!-- end of figures -->"];

function* measurements(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const inner = join(folder, entry.name);
    if (entry.name === "new") {
      const read = (name) => JSON.parse(readFileSync(join(inner, name), "utf8"));
      const { full_id: id, throughput } = read("benchmark.json");
      const { median } = read("estimates.json");
      yield { id, throughput, median };
    } else if (entry.isDirectory()) {
      yield* measurements(inner);
    }
  }
}

// Nanoseconds with three digits that mean something.
function time(nanoseconds) {
  for (const [unit, size] of [["s", 1e9], ["ms", 1e6], ["µs", 1e3]]) {
    if (nanoseconds >= size) {
      return `${(nanoseconds / size).toPrecision(3)} ${unit}`;
    }
  }
  return `${nanoseconds.toPrecision(3)} ns`;
}

function rate(throughput, nanoseconds) {
  const [[kind, amount] = []] = Object.entries(throughput ?? {});
  if (kind === undefined) {
    return "";
  }
  const each = (amount / nanoseconds) * 1e3;
  return kind.startsWith("Bytes") ? `${each.toPrecision(3)} MB/s` : `${each.toPrecision(3)} million/s`;
}

// The rows that stand in the document, by benchmark.
function standing() {
  const text = readFileSync(path, "utf8");
  const rows = text.slice(text.indexOf(BEGIN), text.indexOf(END)).split("\n").filter((line) => line.startsWith("| `"));
  return rows.map((row) => [row.split("`")[1], row]);
}

function row({ id, throughput, median }) {
  const { lower_bound: low, upper_bound: high } = median.confidence_interval;
  const interval = `${time(low)} to ${time(high)}`;
  const cells = [time(median.point_estimate), interval, rate(throughput, median.point_estimate), today, hardware()];
  return [id, `| \`${id}\` | ${cells.join(" | ")} |`];
}

const measured = [...measurements(criterion)].map(row);
if (measured.length === 0) {
  console.error(`no measurements in ${criterion}`);
  process.exit(1);
}
const rows = [...new Map([...(keep === "--keep" ? standing() : []), ...measured])]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([, text]) => text);

const rustc = execFileSync("rustc", ["--version"]).toString().trim();
fill(path, BEGIN, END, [
  `Measured with ${rustc}.`,
  "",
  "| benchmark | median | 95 % interval of the median | throughput | day | machine |",
  "| --- | ---: | ---: | ---: | --- | --- |",
  ...rows,
]);
