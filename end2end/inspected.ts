// What is measured in the page: how it is laid out, and in which order it is built.

import type { Page } from "@playwright/test";

// How far the page can be pushed sideways, and the elements that stick out, for the message.
export async function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) {
      return [];
    }
    const scrolls = (element: Element | null): boolean =>
      element !== null && (getComputedStyle(element).overflowX !== "visible" || scrolls(element.parentElement));
    const out = [...document.querySelectorAll("body *")].filter(
      (element) => element.getBoundingClientRect().right > width + 0.5 && !scrolls(element.parentElement),
    );
    const wide = `${document.documentElement.scrollWidth} pixels instead of ${width}`;
    return [wide, ...out.slice(0, 5).map((element) => `<${element.tagName.toLowerCase()} class="${element.getAttribute("class") ?? ""}">`)];
  });
}

// Headings and controls whose words do not fit into their box, or are cut off by a box around them. What
// is shortened with `line-clamp` says so by its style; what scrolls can be reached.
export async function clipped(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const SLACK = 1.5;
    const found: string[] = [];
    for (const element of document.querySelectorAll("h1, h2, h3, h4, button, .button, summary, nav a, label, legend, .chip, .score, dt, dd")) {
      if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || element.closest(".visually-hidden") !== null) {
        continue;
      }
      const range = document.createRange();
      const words = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
      const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
        range.selectNodeContents(text);
        for (const box of text.parentElement?.closest(".visually-hidden") ? [] : range.getClientRects()) {
          words.left = Math.min(words.left, box.left);
          words.right = Math.max(words.right, box.right);
          words.top = Math.min(words.top, box.top);
          words.bottom = Math.max(words.bottom, box.bottom);
        }
      }
      for (let box: Element | null = element; box !== null && box !== document.body; box = box.parentElement) {
        const { overflowX, overflowY, display } = getComputedStyle(box);
        const cuts = overflowX === "hidden" || overflowX === "clip" || overflowY === "hidden" || overflowY === "clip";
        const tight = box === element && display !== "inline" && box.matches("button, .button, .chip");
        if (overflowX === "auto" || overflowX === "scroll") {
          break;
        }
        if (!cuts && !tight) {
          continue;
        }
        const { left, right, top, bottom } = box.getBoundingClientRect();
        if (words.left < left - SLACK || words.right > right + SLACK || words.top < top - SLACK || words.bottom > bottom + SLACK) {
          found.push(`cut off: ${element.outerHTML.slice(0, 120)}`);
          break;
        }
      }
    }
    return found.slice(0, 5);
  });
}

// Boxes beside each other in the flow that lie on each other.
export async function overlapping(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const SLACK = 1;
    const flows = (element: Element): boolean => {
      const { display, position, float } = getComputedStyle(element);
      return display !== "inline" && display !== "contents" && (position === "static" || position === "relative") && float === "none";
    };
    const found: string[] = [];
    for (const parent of document.querySelectorAll("body, body :not(svg, svg *, tr, tbody, table)")) {
      const boxes = [...parent.children]
        .filter((child) => !(child instanceof SVGElement) && child.checkVisibility() && child.closest(".visually-hidden") === null && flows(child))
        .map((child) => ({ child, box: child.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0 && box.height > 0);
      boxes.forEach(({ child, box }, index) => {
        // In order of the document, the next few are the ones that can be run into.
        for (const other of boxes.slice(index + 1, index + 9)) {
          const wide = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
          const high = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
          if (wide > SLACK && high > SLACK) {
            found.push(`${child.outerHTML.slice(0, 80)} lies on ${other.child.outerHTML.slice(0, 80)}`);
          }
        }
      });
    }
    return found.slice(0, 5);
  });
}

// Words in pictures that run out of them. The box of a line of text is higher than its letters.
export async function cutLabels(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const SLACK = 2;
    const found: string[] = [];
    for (const svg of document.querySelectorAll("svg")) {
      if (!svg.checkVisibility()) {
        continue;
      }
      const { left, right, top, bottom } = svg.getBoundingClientRect();
      for (const text of svg.querySelectorAll("text")) {
        const box = text.getBoundingClientRect();
        const air = box.height / 4;
        if (box.left < left - SLACK || box.right > right + SLACK || box.top < top - air || box.bottom > bottom + air) {
          found.push(`runs out of its picture: ${text.textContent} (${svg.closest("[id]")?.id})`);
        }
      }
    }
    return found.slice(0, 5);
  });
}

// Levels of headings that are skipped, and landmarks that are missing or there twice.
export async function outline(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const shown = (selector: string) => [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility());
    const found: string[] = [];
    // A column beside the text may come before it, with headings of its own (WCAG technique G141).
    let level = 1;
    for (const heading of shown("h1, h2, h3, h4, h5, h6")) {
      const next = Number(heading.tagName.slice(1));
      if (next > level + 1) {
        found.push(`h${next} after h${level}: ${heading.textContent}`);
      }
      level = next;
    }
    for (const one of ["h1", "main", "body > header, body > :not(main) > header:first-child", "body footer"]) {
      const count = shown(one).length;
      if (count !== 1) {
        found.push(`${count} × ${one}`);
      }
    }
    const navigations = shown("nav").map((nav) => nav.getAttribute("aria-label") ?? nav.getAttribute("aria-labelledby") ?? "");
    if (new Set(navigations).size !== navigations.length || navigations.includes("")) {
      found.push(`navigations without names of their own: ${navigations}`);
    }
    return found;
  });
}
