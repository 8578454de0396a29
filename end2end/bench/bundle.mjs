// The large incident: the demonstration's story at the end of 14 days at one minute, 50 series and
// 10,000 events. Deterministic: the same demonstration gives the same bytes.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const DAYS = 14;
export const SERIES = 50;
export const EVENTS = 10_000;

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const iso = (at) => `${new Date(at).toISOString().slice(0, 19)}Z`;
const lines = (path) => readFileSync(path, "utf8").trimEnd().split("\n");
const records = (path) => lines(path).map((line) => JSON.parse(line));
const jsonl = (rows) => `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`;

// xorshift32, from 0 up to 1.
function random(seed) {
  let state = (Math.imul(seed + 1, 0x9e3779b9) | 1) >>> 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

// Roughly normal, of standard deviation one.
function noise(draw) {
  let sum = -6;
  for (let i = 0; i < 12; i += 1) {
    sum += draw();
  }
  return sum;
}

// Levels go on as they began; all else repeats its first day, a little different each time.
function before(rows, window, start, level, draw) {
  const day = rows.filter(([at]) => at < start + DAY);
  const out = [];
  for (let midnight = start - Math.ceil((start - window) / DAY) * DAY; midnight < start; midnight += DAY) {
    for (const [at, text] of day) {
      const shifted = at - start + midnight;
      if (shifted < window) {
        continue;
      }
      if (level || text === "") {
        out.push([shifted, level ? day[0][1] : text]);
        continue;
      }
      const decimals = (text.split(".")[1] ?? "").length;
      out.push([shifted, (Number(text) * (1 + 0.02 * noise(draw))).toFixed(decimals)]);
    }
  }
  return out;
}

// A busy bystander: a daily wave, AR(1) noise, one shift of the level on a day without a change.
function bystander(window, end, number, draw) {
  const out = [];
  let rest = 0;
  const shift = window + (1 + (number % 6)) * DAY;
  for (let at = window; at < end; at += MINUTE) {
    rest = 0.6 * rest + 1.6 * noise(draw);
    const wave = Math.sin((at / DAY) * 2 * Math.PI) * 10;
    out.push([at, (40 + (at < shift ? 0 : 6) + wave + rest).toFixed(2)]);
  }
  return out;
}

function csv(rows) {
  return `timestamp,value\n${rows.map(([at, value]) => `${iso(at)},${value}`).join("\n")}\n`;
}

function jobRun(number, at, draw) {
  const name = `site-${number % 97}-cron`;
  return {
    id: `bench-job-${String(number).padStart(5, "0")}`,
    kind: "job_run",
    start: iso(at),
    end: iso(at + Math.round((10 + 50 * draw()) * 1000)),
    title: `${name} ran`,
    cluster: "web-eu-west-1",
    namespace: `site-${number % 97}`,
    object: { kind: "Job", name: `${name}-${number}` },
    node: "",
    source: "kubernetes",
    attributes: {},
  };
}

// Writes the bundle to `folder`, made of the demonstration's in `demo`; gives its window in ms.
export function writeBundle(demo, folder) {
  const incident = JSON.parse(readFileSync(join(demo, "incident.json"), "utf8"));
  const start = Date.parse(incident.window.start);
  const end = Date.parse(incident.window.end);
  const window = end - DAYS * DAY;
  mkdirSync(join(folder, "series"), { recursive: true });

  const metas = records(join(demo, "series.jsonl"));
  metas.forEach((meta, number) => {
    const rows = lines(join(demo, "series", `${meta.id}.csv`))
      .slice(1)
      .map((line) => line.split(","))
      .map(([at, value]) => [Date.parse(at), value]);
    const level = /balance|storage/.test(meta.id);
    const all = [...before(rows, window, start, level, random(number)), ...rows];
    writeFileSync(join(folder, "series", `${meta.id}.csv`), csv(all));
  });
  for (let number = metas.length; number < SERIES; number += 1) {
    const id = `bystander.${number}`;
    const name = `Bystander ${number}`;
    metas.push({ id, name, source: "cloudwatch", namespace: "Bench", dimensions: {}, stat: "Average", unit: "Percent", period_s: 60 });
    writeFileSync(join(folder, "series", `${id}.csv`), csv(bystander(window, end, number, random(number))));
  }

  const events = records(join(demo, "events.jsonl"));
  const draw = random(EVENTS);
  for (let number = events.length; number < EVENTS; number += 1) {
    events.push(jobRun(number, window + Math.floor(draw() * (end - window - MINUTE)), draw));
  }

  incident.title = "Bench: 14 days, 50 series, 10,000 events";
  incident.window.start = iso(window);
  incident.provenance = [];
  writeFileSync(join(folder, "incident.json"), JSON.stringify(incident));
  writeFileSync(join(folder, "series.jsonl"), jsonl(metas));
  writeFileSync(join(folder, "events.jsonl"), jsonl(events));
  cpSync(join(demo, "topology.jsonl"), join(folder, "topology.jsonl"));
  return { start: window, end };
}
