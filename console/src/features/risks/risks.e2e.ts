import { expect, test } from "@playwright/test";
import { day, second } from "../../../e2e/second";

test("a risk is entered by one person, decided by another, and mitigated", async ({ page, browser, baseURL }) => {
  const title = `Foreign firmware on a gateway ${Date.now().toString(36)}`;
  await page.goto("/risks");
  await page.getByRole("button", { name: "Enter a risk" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Title").fill(title);
  await dialog.getByLabel("Asset").fill("gateways");
  await dialog.getByLabel("Threat", { exact: true }).fill("Somebody replaces the firmware of a gateway through its service port.");
  await dialog.getByLabel("Likelihood").selectOption("4");
  await dialog.getByLabel("Impact").selectOption("5");
  await dialog.getByRole("button", { name: "Enter risk" }).click();
  await expect(dialog.getByRole("alert"), "a scope has to be named").toContainText("The risk was not entered");
  await dialog.getByText("Gateway", { exact: true }).click();
  await dialog.getByRole("button", { name: "Enter risk" }).click();
  await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
  await expect(page.getByRole("button", { name: "Decide…" }), "whoever entered it does not decide").toBeDisabled();

  const other = await second(browser, baseURL, "risk");
  await other.goto(page.url());
  await other.getByRole("button", { name: "Decide…" }).click();
  await other.getByRole("dialog").getByText("Accept", { exact: true }).click();
  await other.getByRole("dialog").getByLabel("Reason").fill("borne for a season");
  await expect(other.getByRole("dialog").getByRole("button", { name: "Decide" }), "to accept needs an end").toBeDisabled();
  await other.getByRole("dialog").getByText("Mitigate", { exact: true }).click();
  await other.getByRole("dialog").getByLabel("Likelihood that will remain").selectOption("1");
  await other.getByRole("dialog").getByRole("button", { name: "Decide" }).click();
  await expect(other.locator(".facts")).toContainText("Mitigate");
  await other.context().close();

  await page.reload();
  await page.getByRole("button", { name: "Add…" }).click();
  await dialog.getByLabel("What is to be done").fill("Close the service port");
  await dialog.getByLabel("By when").fill(day(20));
  await dialog.getByRole("button", { name: "Add mitigation" }).click();
  await page.getByRole("button", { name: "Finish…" }).click();
  await dialog.getByLabel("What was done and what it changed").fill("Sealed on every gateway");
  await dialog.getByRole("button", { name: "Finish mitigation" }).click();
  await expect(page.getByText("1 of 1 finished")).toBeVisible();

  await page.goto("/risks");
  const table = page.getByRole("table", { name: "Open risks by likelihood and impact" });
  await table.getByRole("button", { name: /^Likelihood 4, impact 5/ }).click();
  await expect(page).toHaveURL(/likelihood=4&impact=5/);
  await expect(page.getByRole("link", { name: title })).toBeVisible();
});
