import { expect, test } from "@playwright/test";
import { day, second } from "../../../e2e/second";

test("an exception is asked for, refused to whoever asked, approved by another person, and never makes a control pass", async ({ page, browser, baseURL }) => {
  await page.goto("/controls/TSP-02/exceptions");
  await page.getByRole("button", { name: "Request exception…" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Why it cannot be met now").fill("the vendor has no newer firmware for this model");
  await dialog.getByLabel("What compensates meanwhile").fill("reached only through a jump host that records every session");
  await expect(dialog.getByRole("button", { name: "Request exception" }), "there is no exception without an end").toBeDisabled();
  await dialog.getByLabel("Ends").fill(day(60));
  await dialog.getByRole("button", { name: "Request exception" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText("You asked for it: another person decides.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Approve…" })).toBeDisabled();

  const other = await second(browser, baseURL, "risk");
  await other.goto("/exceptions?control=TSP-02&state=requested");
  await other.locator("#page [data-row]").first().click();
  await other.getByRole("button", { name: "Approve…" }).click();
  await expect(other.getByRole("dialog").getByText("The test goes on measuring")).toBeVisible();
  await other.getByRole("dialog").getByRole("textbox", { name: /Reason/ }).fill("borne until the vendor answers");
  await other.getByRole("dialog").getByRole("button", { name: "Approve the exception" }).click();
  await expect(other.getByRole("complementary", { name: "Exception" })).toContainText("In force");
  await other.getByRole("button", { name: "What if it ended now" }).click();
  await expect(other.getByText("Without it")).toBeVisible();
  await other.context().close();

  await page.goto("/controls/TSP-02");
  await expect(page.locator(".facts")).toContainText("2 excepted");
  await expect(page.locator(".facts dd").first(), "what is excepted does not pass").not.toContainText("Pass");
  await page.goto("/findings?state=excepted&control=TSP-02");
  await expect(page.locator("#page [data-row]").first()).toBeVisible();

  await page.goto("/controls/TSP-02/exceptions");
  await page.getByRole("button", { name: "Withdraw…" }).first().click();
  await page.getByRole("dialog").getByRole("textbox", { name: /Reason/ }).fill("was a test");
  await page.getByRole("dialog").getByRole("button", { name: "Withdraw the exception" }).click();
  await page.goto("/controls/TSP-02");
  await expect(page.locator(".facts")).toContainText("Fail");
});
