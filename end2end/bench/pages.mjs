// The pages that Lighthouse looks at.

import { freshPage } from "./browser.mjs";

// Creates a share link for the incident, as a reader does, and gives its address.
async function share(browser, report) {
  const { page, close } = await freshPage(browser);
  try {
    await page.goto(report);
    const create = page.getByTestId("share-create");
    if (!(await create.isVisible())) {
      await page.getByTestId("share-open").click();
    }
    await create.click();
    return await page.getByTestId("share-url").inputValue();
  } finally {
    await close();
  }
}

export async function mainPages(browser, origin, incident) {
  const report = `${origin}/incidents/${incident}/report`;
  return {
    home: `${origin}/`,
    incidents: `${origin}/incidents`,
    incident: `${origin}/incidents/${incident}`,
    report,
    "share page": new URL(await share(browser, report), origin).href,
  };
}
