// Figures in documents: what measured them, and the place between two marks where they stand.

import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";

// Processors and memory.
export function hardware() {
  return `${availableParallelism()} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
}

// The day and the machine.
export function machine() {
  return `${new Date().toISOString().slice(0, 10)}: ${hardware()}`;
}

// Puts the lines between the two marks in the document at `path`.
export function fill(path, begin, end, lines) {
  const text = readFileSync(path, "utf8");
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) {
    throw new Error(`${path}: the marks around the figures are missing: ${begin} and ${end}`);
  }
  writeFileSync(path, `${text.slice(0, from + begin.length)}\n${lines.join("\n")}\n${text.slice(to)}`);
}
