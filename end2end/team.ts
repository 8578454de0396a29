// People of the server with accounts: who comes in, and how.

import { execFileSync } from "node:child_process";

import type { Browser, Page } from "@playwright/test";

import { expect, type Watch } from "./watched";

// Where that server is.
export const baseURL = `http://127.0.0.1:${process.env.LINEUP_PEOPLE_PORT}`;

export const PASSWORD = "correct horse battery";

// What the command prints for who runs the server: the path of an admin's invitation.
export function firstInvitation(): string {
  const printed = execFileSync(process.env.LINEUP_BINARY ?? "", ["people", "invite", "--admin"], {
    env: {
      ...process.env,
      LINEUP_CONFIG: process.env.LINEUP_PEOPLE_CONFIG,
      LINEUP_DATABASE: process.env.LINEUP_PEOPLE_DATABASE,
    },
  });
  return new URL(printed.toString().trim()).pathname;
}

// A browser of somebody's own.
export async function someone(browser: Browser, watch: Watch): Promise<Page> {
  const context = await browser.newContext({ baseURL });
  await watch.follow(context);
  return context.newPage();
}

export async function join(page: Page, invitation: string, name: string, login: string): Promise<void> {
  await page.goto(invitation);
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Login").fill(login);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Password again").fill(PASSWORD);
  await page.getByRole("button", { name: "Join" }).click();
  await expect(page.getByTestId("account-link")).toHaveText(name);
}

export async function signIn(page: Page, login: string, password: string): Promise<void> {
  await page.getByLabel("Login").fill(login);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

// Makes an invitation on the page of people; its path.
export async function invite(page: Page, role: string, team?: string): Promise<string> {
  await page.goto("/people");
  await page.getByLabel("Role", { exact: true }).selectOption(role);
  if (team !== undefined) {
    await page.getByLabel("Team", { exact: true }).selectOption({ label: team });
  }
  await page.getByRole("button", { name: "Make an invitation link" }).click();
  await expect(page.getByTestId("invitation-link")).toBeVisible();
  return new URL(page.url()).pathname;
}
