// The lanes of a timeline, for its journeys.

import type { Locator, Page } from "@playwright/test";

import { open, story } from "./demonstration";
import { expect } from "./watched";

export const shown = (page: Page): Locator => page.getByTestId("time-shown");
export const lane = (page: Page, n = 0): Locator => page.getByTestId("lane").nth(n);
export const canvas = (page: Page, n = 0): Locator => lane(page, n).locator(".lane-canvas");

// Opens the timeline and waits until its lanes are drawn by the browser.
export async function timeline(page: Page, query = ""): Promise<string> {
  const path = await story(page);
  await open(page, path + query);
  await drawn(page);
  return path;
}

export async function drawn(page: Page): Promise<void> {
  // On a phone the line-up comes first, and what is out of sight is not drawn.
  await lane(page).scrollIntoViewIfNeeded();
  await expect(lane(page).locator(".pictures")).toHaveAttribute("data-drawn", "");
  await expect(page.locator(".lanes[data-incident]")).not.toHaveAttribute("aria-busy", "true");
}

export function query(page: Page): URLSearchParams {
  return new URL(page.url()).searchParams;
}

export async function span(page: Page): Promise<number> {
  const section = page.locator(".lanes[data-incident]");
  const bounds = Number(await section.getAttribute("data-end")) - Number(await section.getAttribute("data-start"));
  const params = query(page);
  return params.has("from") ? Number(params.get("to")) - Number(params.get("from")) : bounds;
}

// The middle of the picture of a lane, and its size.
export async function box(page: Page, n = 0): Promise<{ x: number; y: number; width: number; height: number }> {
  await lane(page, n).scrollIntoViewIfNeeded();
  const found = await lane(page, n).locator(".pictures").boundingBox();
  if (found === null) {
    throw new Error("the lane has no picture");
  }
  return found;
}

export async function drag(page: Page, from: number, to: number): Promise<void> {
  const { x, y, width, height } = await box(page);
  await page.mouse.move(x + from * width, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + ((from + to) / 2) * width, y + height / 2, { steps: 4 });
  await page.mouse.move(x + to * width, y + height / 2, { steps: 4 });
  await page.mouse.up();
}

// Fingers on the page, by their places.
export type Touch = (kind: "touchStart" | "touchMove" | "touchEnd", points: { x: number; y: number }[]) => Promise<void>;

export async function hand(page: Page): Promise<Touch> {
  const session = await page.context().newCDPSession(page);
  return async (type, points) => {
    const touchPoints = points.map((point, id) => ({ ...point, id }));
    await session.send("Input.dispatchTouchEvent", { type, touchPoints });
  };
}
