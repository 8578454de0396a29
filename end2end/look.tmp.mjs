import { chromium } from "@playwright/test";
const b = await chromium.launch({ executablePath: process.env.CHROMIUM });
const base = "http://127.0.0.1:3911";
for (const [w,h] of [[1440,900],[390,844]]) for (const scheme of ["light","dark"]) {
  const c = await b.newContext({ viewport:{width:w,height:h}, colorScheme: scheme });
  const p = await c.newPage();
  for (const path of process.argv.slice(2)) {
    await p.goto(base+path, {waitUntil:"load"});
    await p.waitForTimeout(400);
    const name = path.replace(/[^a-z]+/g,"_").slice(0,30);
    await p.screenshot({ path:`/tmp/look/${name}-${w}-${scheme}.png`, fullPage: true });
  }
  await c.close();
}
await b.close();
