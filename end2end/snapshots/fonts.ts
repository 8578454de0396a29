// The same letters on every machine: the pages name Inter and the system's fonts; while pictures are taken
// both names mean fonts of this folder's packages, served beside the pages' own style sheet.

import { join } from "node:path";

import type { Page } from "@playwright/test";

const PACKAGES = join(__dirname, "node_modules");

const FONTS = [
  { family: "Inter", weight: "100 900", file: "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2" },
  { family: "Snapshot Mono", weight: "400", file: "@fontsource/dejavu-mono/files/dejavu-mono-latin-400-normal.woff2" },
  { family: "Snapshot Mono", weight: "700", file: "@fontsource/dejavu-mono/files/dejavu-mono-latin-700-normal.woff2" },
];

const FACES = FONTS.map(
  ({ family, weight }, number) =>
    `@font-face{font-family:"${family}";font-weight:${weight};src:url("/snapshot-fonts/${number}.woff2")}`,
);

export async function bundleFonts(page: Page): Promise<void> {
  await page.route("**/pkg/lineup.css", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${await response.text()}${FACES.join("")}:root{--mono:"Snapshot Mono",monospace}` });
  });
  await page.route("**/snapshot-fonts/*.woff2", async (route) => {
    const number = Number.parseInt(new URL(route.request().url()).pathname.split("/").at(-1) ?? "", 10);
    await route.fulfill({ path: join(PACKAGES, FONTS[number]?.file ?? ""), contentType: "font/woff2" });
  });
}
