// Files by hand: pasted and uploaded, asked about, answered, read again.

import { open } from "../demonstration";
import { expect, test } from "../watched";

const touch = `$ time touch /path/to/app/source/testFile

real    0m0.010s
user    0m0.001s
sys     0m0.000s
$ time touch /path/mounted/to/EFS/testFile

real    0m0.334s
user    0m0.001s
sys     0m0.000s
`;

function log(): string {
  const path = "/var/lib/kubelet/pods/0b0c7ad5-5c8d-4e2e-9c1c-0a2b3c4d5e6f/volume-subpaths/pvc-1/web/sess_";
  const line = (minute: number, n: number) =>
    `kubelet[3851]: W0522 02:${String(minute).padStart(2, "0")}:00.000000    3851 mount_helper_common.go:36] ` +
    `Warning: Unmount skipped because path does not exist: ${path}${minute}A${n}`;
  const lines: string[] = [];
  for (let minute = 0; minute < 60; minute += 1) {
    for (let n = 0; n < 5; n += 1) {
      lines.push(line(minute, n));
    }
  }
  return lines.join("\n");
}

test("a pasted measurement and a log become an incident, and a question is answered", async ({ page }) => {
  await open(page, "/incidents/new");
  const form = page.locator("form", { has: page.locator("textarea[name=text]") });
  await form.locator("[name=title]").fill(`By hand ${Date.now()}`);
  await form.locator("[name=start]").fill("2020-05-22 00:00");
  await form.locator("[name=end]").fill("2020-05-22 06:00");
  await form.locator("[name=text]").fill(touch);
  await form.locator("input[type=file]").setInputFiles({
    name: "kubelet.log",
    mimeType: "text/plain",
    buffer: Buffer.from(log()),
  });
  await form.locator("[type=submit]").click();
  await expect(page).toHaveURL(/\/incidents\/(?!new)[^/]+$/);
  const incident = new URL(page.url()).pathname;

  await open(page, incident);
  const file = (name: string) => page.getByTestId("file").filter({ hasText: name });
  await expect(page.getByTestId("file")).toHaveCount(2);
  const kubelet = file("kubelet.log");
  await expect(kubelet.getByTestId("file-question")).toContainText("no year");
  await expect(kubelet).toContainText("0 series, 1 event");
  // The proposals: the end of the log in the window's year, and UTC.
  await expect(kubelet.locator("[name=observed_at]")).toHaveValue("2020-05-22 03:00");
  await expect(kubelet.locator("[name=timezone]")).toHaveValue("UTC");
  await kubelet.getByTestId("file-answer").click();
  await expect(kubelet.getByTestId("file-question")).toHaveCount(0);
  await expect(kubelet).toContainText("1 series, 1 event");
  await expect(page.getByTestId("lane").filter({ hasText: /Unmount skipped/ }).first()).toBeVisible();

  await open(page, incident);
  await expect(file("kubelet.log").getByTestId("file-question")).toHaveCount(0);
  await expect(file("pasted.txt").getByTestId("file-question")).toContainText("when was it taken");
});

test("a bad answer is refused in words and changes nothing, more text is added", async ({ page }) => {
  await open(page, "/incidents/new");
  const form = page.locator("form", { has: page.locator("textarea[name=text]") });
  await form.locator("[name=title]").fill(`By hand ${Date.now()}`);
  await form.locator("[name=start]").fill("2020-05-22 00:00");
  await form.locator("[name=end]").fill("2020-05-22 06:00");
  await form.locator("[name=text]").fill(touch);
  await form.locator("[type=submit]").click();
  await expect(page).toHaveURL(/\/incidents\/(?!new)[^/]+$/);
  const incident = new URL(page.url()).pathname;

  await open(page, incident);
  const files = page.getByTestId("files");
  await files.locator("[name=observed_at]").first().fill("soon");
  await files.getByTestId("file-answer").first().click();
  await expect(page.locator(".refused")).toContainText("'soon' is no time");

  await page.getByTestId("files-add").click();
  const more = files.locator("form", { has: page.locator("textarea[name=text]") });
  await more.locator("[name=text]").fill("when;latency (ms)\n2020-05-22T03:00:00Z;334\n2020-05-22T03:01:00Z;331\n");
  await page.getByTestId("files-submit").click();
  await expect(page).toHaveURL(new RegExp(`${incident}$`));
  await expect(page.getByTestId("file")).toHaveCount(2);
  await expect(page.getByTestId("file").filter({ hasText: "2-pasted.txt" })).toContainText("1 series");
});
