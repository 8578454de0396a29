// A page as it looks whenever it is looked at: what tells of this very run is put in the same words.

import type { Page } from "@playwright/test";

// The demonstration's data are years old; what is of this year is the run's own.
export async function still(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    const year = new Date().getUTCFullYear();
    for (const time of document.querySelectorAll("time[datetime]")) {
      if (new Date(time.getAttribute("datetime") ?? "").getUTCFullYear() >= year) {
        time.textContent = "2020-06-01 12:00";
      }
    }
  });
}
