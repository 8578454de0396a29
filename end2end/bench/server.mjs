// The release binary with a database of its own, on a free port of loopback.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { writeBundle } from "./bundle.mjs";

const STARTS_WITHIN_MS = 60_000;

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

// Imports the large incident into a fresh database in `folder` and serves it.
export async function serve(binary, folder) {
  // An empty configuration: the one of whoever runs this has no say.
  const config = join(folder, "lineup.toml");
  writeFileSync(config, "");
  const env = { ...process.env, LINEUP_CONFIG: config, LINEUP_DATABASE: `sqlite:${join(folder, "lineup.db")}` };
  const lineup = (...parameters) => execFileSync(binary, parameters, { env, stdio: ["ignore", "pipe", "inherit"] });

  lineup("demo", "--seed", "1", "-o", join(folder, "demo"));
  const window = writeBundle(join(folder, "demo"), join(folder, "bundle"));
  const incident = lineup("import", join(folder, "bundle")).toString().trim();

  const origin = `http://127.0.0.1:${await freePort()}`;
  const server = spawn(binary, ["serve", "--no-collect", "--listen", new URL(origin).host], {
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill();
      await once(server, "exit");
    }
  };
  const begun = performance.now();
  while (!(await answers(`${origin}/healthz`))) {
    if (server.exitCode !== null || performance.now() - begun > STARTS_WITHIN_MS) {
      await stop();
      throw new Error(`${binary} does not answer on ${origin}`);
    }
    await pause(50);
  }
  return { origin, incident, window, stop, bundle: join(folder, "bundle") };
}

async function answers(url) {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
