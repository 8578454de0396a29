// shrink.mjs FOLDER…: pictures of pages have few colours. Each PNG that is not yet one of a palette becomes
// one, at a third of its size or less.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import sharp from "sharp";

let total = 0;
for (const folder of process.argv.slice(2)) {
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".png"))) {
    const path = join(folder, name);
    const picture = readFileSync(path);
    const { isPalette, paletteBitDepth } = await sharp(picture).metadata();
    const small = isPalette || paletteBitDepth ? picture : await sharp(picture).png({ palette: true, colours: 128, dither: 0, effort: 10, compressionLevel: 9 }).toBuffer();
    if (small !== picture) {
      writeFileSync(path, small);
    }
    total += small.length;
  }
}
console.error(`lineup: pictures of ${(total / 1e6).toFixed(1)} MB in all`);
