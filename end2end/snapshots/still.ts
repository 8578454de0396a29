// A page as it looks whenever it is looked at: what tells of this very run is put in the same words.

import type { Page } from "@playwright/test";

// The demonstration's data are of years before this one; what is later is the run's own.
const FIRST_YEAR = 2026;

export async function still(page: Page): Promise<void> {
  await page.evaluate(async (firstYear) => {
    await document.fonts.ready;
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
      text.nodeValue = (text.nodeValue ?? "").replace(/\b(\d{4})-\d\d-\d\d \d\d:\d\d/g, (time, year) =>
        Number(year) < firstYear ? time : `${firstYear}-01-01 12:00`,
      );
    }
  }, FIRST_YEAR);
}
