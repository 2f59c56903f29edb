import { expect, test } from "@playwright/test";
import { day, second } from "../../../e2e/second";

test("an audit runs from its opening to the sign-off, each part by whom it is for", async ({ page, browser, baseURL }) => {
  const title = `Credentials ${Date.now().toString(36)}`;
  const auditor = await second(browser, baseURL, "auditor");
  await auditor.goto("/engagements");
  await auditor.getByRole("button", { name: "Open an engagement" }).click();
  const dialog = auditor.getByRole("dialog");
  await dialog.getByLabel("Title").fill(title);
  await dialog.getByLabel("Single controls").fill("CRD-01");
  await dialog.getByLabel("Period to").fill(day(0));
  await dialog.getByRole("button", { name: "Open engagement" }).click();
  await expect(auditor.getByRole("heading", { level: 1, name: title })).toBeVisible();
  await auditor.getByRole("button", { name: "Ask…" }).click();
  await dialog.getByLabel("What is wanted").fill("Show how a lost credential is revoked.");
  await dialog.getByRole("button", { name: "Ask", exact: true }).click();
  await expect(auditor.getByText("Waits for an answer", { exact: true })).toBeVisible();

  await page.goto(auditor.url());
  await page.getByRole("button", { name: "Answer…" }).click();
  await page.getByRole("dialog").getByLabel("Answer").fill("By the revocation page; the log holds each one.");
  await page.getByRole("dialog").getByRole("button", { name: "Answer", exact: true }).click();
  await expect(page.getByText("Answered, waits for the auditor")).toBeVisible();
  await expect(page.getByRole("button", { name: "Sign off…" }), "only an auditor of the engagement signs").toHaveCount(0);

  await auditor.reload();
  await auditor.getByRole("button", { name: "Judge…" }).click();
  await dialog.getByRole("button", { name: "Accept answer" }).click();
  await expect(auditor.getByText("1 of 1 accepted")).toBeVisible();
  const tabs = auditor.getByRole("navigation", { name: "Engagement" });
  await tabs.getByRole("link", { name: /Samples/ }).click();
  await auditor.getByRole("button", { name: "Draw a sample…" }).click();
  await dialog.getByLabel("How many objects").fill("5");
  await dialog.getByRole("button", { name: "Draw sample" }).click();
  await expect(auditor.getByRole("table", { name: "Sample 1" })).toBeVisible();
  await tabs.getByRole("link", { name: /Conclusions/ }).click();
  await auditor.getByRole("button", { name: "Conclude…" }).click();
  await dialog.getByText("Not tested").click();
  await dialog.getByLabel("Why").fill("out of time");
  await dialog.getByRole("button", { name: "Conclude" }).click();
  await expect(auditor.getByRole("table", { name: "Conclusions" })).toContainText("Not tested");
  await auditor.getByRole("button", { name: "Sign off…" }).click();
  await dialog.getByRole("textbox", { name: /Reason/ }).fill("What was looked at is as described.");
  await dialog.getByRole("textbox", { name: /Type the title/ }).fill(title);
  await dialog.getByRole("button", { name: "Sign off", exact: true }).click();
  await expect(auditor.locator(".facts")).toContainText("Signed");
  await auditor.context().close();
});
