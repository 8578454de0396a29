// finish.mjs STYLE.css STAGING SITE: bundles and minifies the stylesheet, writes it, the module and
// its script to SITE, packed with brotli (the server unpacks them for those who need that), and holds
// the module to its budget.
//
// A file that did not change is not written: the server's release build embeds these files, and would
// be linked again for a new time stamp.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";

import { bundle } from "lightningcss";

// What a phone on a slow line has to load before the page can be clicked, in bytes of brotli.
const WASM_BUDGET = 350_000;

// Browsers of mid-2024, which have nesting and light-dark() of their own, as version << 16.
const TARGETS = { chrome: 123 << 16, firefox: 121 << 16, safari: (17 << 16) | (5 << 8) };

const [style, staging, site] = process.argv.slice(2);
if (site === undefined) {
  console.error("usage: finish.mjs STYLE.css STAGING SITE");
  process.exit(2);
}

function brotli(content) {
  return brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
}

function publish(name, content) {
  const path = join(site, `${name}.br`);
  rmSync(join(site, name), { force: true });
  const same = existsSync(path) && brotliDecompressSync(readFileSync(path)).equals(content);
  if (!same) {
    writeFileSync(path, brotli(content));
  }
  const size = readFileSync(path).length;
  if (!same) {
    console.log(`${name}: ${content.length} bytes, ${size} in brotli`);
  }
  return size;
}

const css = bundle({ filename: style, minify: true, targets: TARGETS });
for (const warning of css.warnings) {
  console.error(`${warning.loc?.filename}:${warning.loc?.line}: ${warning.message}`);
}
if (css.warnings.length > 0) {
  process.exit(1);
}

mkdirSync(site, { recursive: true });
publish("lineup.css", Buffer.from(css.code));
publish("lineup.js", readFileSync(join(staging, "lineup.js")));
const size = publish("lineup.wasm", readFileSync(join(staging, "lineup.wasm")));
if (size > WASM_BUDGET) {
  console.error(`lineup.wasm is ${size} bytes in brotli; the budget is ${WASM_BUDGET}`);
  process.exit(1);
}
