// What every page says to the browser about safety. That the pages keep to it is watched in all
// journeys: a breach is an error on the console.

import { everyPage } from "../demonstration";
import { expect, test } from "../watched";

test("every page has a strict content security policy with a fresh nonce", async ({ page }) => {
  const nonces = new Set<string>();
  const paths = await everyPage(page);
  for (const path of paths) {
    const answer = await page.goto(path);
    const headers = answer?.headers() ?? {};
    const policy = headers["content-security-policy"] ?? "";
    const directives = new Map(policy.split(";").map((text) => {
      const [name = "", ...values] = text.trim().split(/\s+/);
      return [name, values.join(" ")] as const;
    }));
    const scripts = directives.get("script-src") ?? directives.get("default-src") ?? "";
    expect(scripts, path).not.toMatch(/'unsafe-inline'|'unsafe-eval'|\*|https?:/);
    expect(directives.get("object-src") ?? directives.get("default-src"), path).toBe("'none'");
    expect(directives.get("base-uri"), path).toMatch(/^'(none|self)'$/);
    expect(directives.get("frame-ancestors"), path).toBe("'none'");
    expect(headers["x-content-type-options"], path).toBe("nosniff");
    expect(headers["referrer-policy"], path).toMatch(/^(no-referrer|same-origin)$/);
    // What a share link opens runs nothing at all.
    if (path.startsWith("/s/")) {
      expect(scripts, path).toBe("'none'");
      expect(await page.locator("script").count(), path).toBe(0);
      continue;
    }
    const nonce = /'nonce-([^']+)'/.exec(scripts)?.[1] ?? "";
    expect(nonce.length, path).toBeGreaterThanOrEqual(16);
    nonces.add(nonce);
  }
  expect(nonces.size).toBe(paths.filter((path) => !path.startsWith("/s/")).length);
});

test("a form of another site changes nothing", async ({ request, baseURL }) => {
  const answer = await request.post("/import", {
    headers: { Origin: "https://elsewhere.example", "Sec-Fetch-Site": "cross-site" },
    multipart: { bundle: { name: "a.zip", mimeType: "application/zip", buffer: Buffer.from("PK") } },
  });
  expect(answer.status()).toBe(403);
  const renamed = await request.get(`${baseURL}/`, { headers: { Host: "elsewhere.example" } });
  expect(renamed.status()).toBeGreaterThanOrEqual(400);
});

test("who does not take brotli gets the same files unpacked", async ({ request }) => {
  for (const file of ["lineup.css", "lineup.js", "lineup.wasm"]) {
    const packed = await request.get(`/pkg/${file}`, { headers: { "Accept-Encoding": "br" } });
    const plain = await request.get(`/pkg/${file}`, { headers: { "Accept-Encoding": "gzip;q=0, identity" } });
    expect(packed.headers()["content-encoding"], file).toBe("br");
    expect(plain.headers()["content-encoding"], file).toBeUndefined();
    expect(plain.headers().etag, file).not.toBe(packed.headers().etag);
    expect((await plain.body()).equals(await packed.body()), file).toBe(true);
  }
});
