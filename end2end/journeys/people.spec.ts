// A team with accounts: invited, signed in, kept out of what is not theirs, and signed out everywhere.

import { open, story } from "../demonstration";
import { baseURL, firstInvitation, invite, join, PASSWORD, signIn, someone } from "../team";
import { expect, test } from "../watched";

test.use({ baseURL });

test("a team works behind accounts", async ({ page: admin, browser, watch }) => {
  test.setTimeout(120_000);
  await test.step("without a session everything leads to the sign-in", async () => {
    await admin.goto("/incidents?x=1");
    await expect(admin).toHaveURL("/sign-in?next=%2Fincidents%3Fx%3D1");
    await expect(admin.getByTestId("incident-link")).toHaveCount(0);
  });

  await test.step("the first admin comes in by what the command prints", async () => {
    await join(admin, firstInvitation(), "Ada Admin", "ada");
    await expect(admin.getByTestId("overview")).toBeVisible();
  });

  await admin.goto("/people");
  await admin.getByLabel("New team").fill("Storage");
  await admin.getByRole("button", { name: "Make the team" }).click();
  await expect(admin.getByTestId("team")).toContainText("Storage");
  const toResponder = await invite(admin, "responder", "Storage");
  const toViewer = await invite(admin, "viewer", "Storage");
  const toForeigner = await invite(admin, "responder");

  const responder = await someone(browser, watch);
  await join(responder, toResponder, "Rob Responder", "rob");
  const incident = await story(responder);
  await test.step("a responder writes under their own name and makes the incident private", async () => {
    await open(responder, incident);
    const form = responder.getByTestId("annotation-form");
    await form.locator("[name=start]").fill("2020-05-22 07:15");
    await form.locator("[name=text]").fill("Nodes rebooted");
    await form.getByTestId("annotation-save").click();
    await expect(responder.getByTestId("annotation").filter({ hasText: "Nodes rebooted" })).toContainText("Rob Responder");
    const belongs = responder.getByTestId("belongs");
    await belongs.getByLabel("Team", { exact: true }).selectOption({ label: "Storage" });
    await belongs.getByRole("checkbox").check();
    await belongs.getByRole("button", { name: "Say so" }).click();
    await expect(responder.getByTestId("belongs").locator(".chip")).toHaveText("private");
  });

  await test.step("an invitation opens once", async () => {
    const late = await someone(browser, watch);
    watch.expectRefusal(new URL(toResponder, baseURL).href);
    await late.goto(toResponder);
    await expect(late.getByTestId("invitation-refused")).toBeVisible();
    await late.context().close();
  });

  await test.step("a viewer of the team reads it and changes nothing", async () => {
    const viewer = await someone(browser, watch);
    await join(viewer, toViewer, "Vera Viewer", "vera");
    await open(viewer, incident);
    await expect(viewer.getByTestId("suspect").first()).toBeVisible();
    await expect(viewer.getByTestId("annotation").filter({ hasText: "Nodes rebooted" })).toBeVisible();
    for (const form of await viewer.locator("main form[method=post]").all()) {
      await expect(form).toBeHidden();
    }
    watch.expectRefusal(new URL("/api/rename", baseURL).href);
    const status = await viewer.evaluate(async (id) => {
      const body = new URLSearchParams({ incident: id, title: "Mine now" });
      return (await fetch("/api/rename", { method: "POST", body })).status;
    }, incident.split("/").pop() ?? "");
    expect(status).toBe(403);
    await viewer.context().close();
  });

  await test.step("for a foreigner it is not there", async () => {
    const foreigner = await someone(browser, watch);
    await join(foreigner, toForeigner, "Fay Foreigner", "fay");
    await foreigner.goto("/incidents");
    await expect(foreigner.getByTestId("incident-link").first()).toBeVisible();
    expect(await foreigner.locator(`a[href^="${incident}"]`).count()).toBe(0);
    await foreigner.goto("/");
    expect(await foreigner.content()).not.toContain(incident);
    watch.expectRefusal(new URL(incident, baseURL).href);
    await foreigner.goto(incident);
    await expect(foreigner.getByRole("heading", { name: "Nothing here" })).toBeVisible();
    await foreigner.context().close();
  });

  await test.step("a wrong password is refused, the right one leads on", async () => {
    await responder.getByTestId("sign-out").click();
    await expect(responder.getByTestId("sign-in")).toBeVisible();
    await responder.goto(incident);
    await signIn(responder, "rob", "not the password");
    await expect(responder.getByRole("alert")).toContainText("do not belong together");
    await signIn(responder, "ROB", PASSWORD);
    await expect(responder).toHaveURL(incident);
  });

  await test.step("signed out everywhere is signed out elsewhere too", async () => {
    const elsewhere = await someone(browser, watch);
    await elsewhere.goto("/sign-in");
    await signIn(elsewhere, "rob", PASSWORD);
    await elsewhere.goto("/account");
    await expect(elsewhere.getByTestId("session-row")).toHaveCount(2);
    await responder.goto("/account");
    await responder.getByTestId("sign-out-everywhere").click();
    await expect(responder.getByTestId("sign-in")).toBeVisible();
    await elsewhere.goto("/incidents");
    await expect(elsewhere.getByTestId("sign-in")).toBeVisible();
    await elsewhere.context().close();
  });
  await responder.context().close();
});
