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
  await table.getByRole("link", { name: /^Likelihood 4, impact 5.* as rated$/ }).click();
  await expect(page).toHaveURL(/likelihood=4&impact=5/);
  await expect(page.getByRole("link", { name: title })).toBeVisible();
  await table.getByRole("link", { name: /^Likelihood 1, impact 5.* now, what remains$/ }).click();
  await expect(page).toHaveURL(/likelihood=1&impact=5&residual=true/);
  await expect(page.getByRole("link", { name: title })).toBeVisible();
  await table.getByRole("link", { name: /^Likelihood 1, impact 5.* now, what remains$/ }).click();
  await expect(page).toHaveURL(/\/risks$/);
});

test("each number of the matrix leads to exactly the risks it counts", async ({ page }) => {
  await page.goto("/risks");
  const table = page.getByRole("table", { name: "Open risks by likelihood and impact" });
  await expect(table.getByRole("link").first()).toBeVisible();
  const links = await table.getByRole("link").evaluateAll((all) => all.map((each) => ({ href: each.getAttribute("href") ?? "", name: each.getAttribute("aria-label") ?? "" })));
  expect(links.length).toBeGreaterThan(2);
  for (const { href, name } of links.slice(0, 4)) {
    await page.goto(href);
    const count = Number(/: (\d+) /.exec(name)?.[1]);
    await expect(page.locator("#page [data-row]"), name).toHaveCount(count);
  }
});

test("the register and a risk of the past are shown as they were, and nobody can change them", async ({ page }) => {
  const at = new Date(Date.now() - 20_000).toISOString().slice(0, 19);
  await page.goto(`/risks?at=${at}Z`);
  await expect(page.getByRole("region", { name: "As of" })).toContainText("As of");
  await expect(page.getByRole("heading", { level: 1 })).toContainText(/risks? (was|were) open/);
  await expect(page.getByRole("button", { name: "Enter a risk" })).toBeDisabled();
  await page.locator("#page [data-row]").first().click();
  await expect(page).toHaveURL(/\/risks\/[^?]+\?at=/);
  await expect(page.locator(".facts")).toContainText("Remained");
  await expect(page.getByRole("button", { name: "Change…" })).toBeDisabled();
  await page.goto(`${page.url().split("?")[0]}?at=2020-01-01T00:00:00Z`);
  await expect(page.getByRole("alert"), "before it was entered").toContainText("as of then");
});

test("a scope narrows the register, its matrix and its address; a site has no matrix", async ({ page }) => {
  await page.goto("/risks");
  const scope = page.getByRole("button", { name: /^Scope/ });
  await scope.press("Enter");
  const box = page.getByRole("dialog", { name: "Scope" });
  await box.getByRole("button", { name: "building-services" }).click();
  await expect(page).toHaveURL(/system=building-services/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("of building-services");
  await page.getByRole("link", { name: "All", exact: true }).click();
  await expect(page, "links keep the scope").toHaveURL(/system=building-services/);
  await page.goto("/risks?site=hamburg-depot");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("of hamburg-depot");
  await expect(page.getByRole("table", { name: "Open risks by likelihood and impact" })).toHaveCount(0);
  await page.goto("/findings?system=building-services");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("open");
  await expect(scope, "nothing is offered where the server does not count by it").toHaveCount(0);
});
