import { defineConfig } from "@playwright/test";

// The tests run against a real server with the demo fleet: THINGWARD_E2E_URL is its address, THINGWARD_E2E_LINK and
// THINGWARD_E2E_AUDITOR_LINK and THINGWARD_E2E_RISK_LINK are the one-time sign-in links (or their secrets) of administrator, auditor and
// risk manager that it prints: what one asks for another decides.
export const sessions = { administrator: "test-results/administrator.json", auditor: "test-results/auditor.json", risk: "test-results/risk.json" };

const url = process.env["THINGWARD_E2E_URL"];
if (!url) throw new Error("set THINGWARD_E2E_URL, THINGWARD_E2E_LINK, THINGWARD_E2E_AUDITOR_LINK and THINGWARD_E2E_RISK_LINK to a running `thingward demo`");

export default defineConfig({
  testDir: ".",
  testMatch: ["e2e/**/*.e2e.ts", "src/features/**/*.e2e.ts"],
  outputDir: "test-results/run",
  workers: 1,
  timeout: 60_000,
  forbidOnly: true,
  reporter: [["list"]],
  use: {
    baseURL: url,
    ignoreHTTPSErrors: true,
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    viewport: { width: 1440, height: 900 },
    launchOptions: { executablePath: process.env["THINGWARD_E2E_BROWSER"] ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-quic", "--disable-background-networking"] },
  },
  projects: [
    { name: "sign-in", testMatch: "e2e/sign-in.setup.ts" },
    { name: "console", dependencies: ["sign-in"], use: { storageState: sessions.administrator } },
  ],
});
