import type { MantineColorSchemeManager } from "@mantine/core";

export type ThemeChoice = "system" | "light" | "dark";
const key = "thingward-theme";

function stored(): ThemeChoice {
  try {
    const value = localStorage.getItem(key);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}

/** schemeManager keeps the theme under one storage key, shared with public/theme.js; "auto" follows the system. */
export const schemeManager: MantineColorSchemeManager = {
  get: () => (stored() === "system" ? "auto" : (stored() as "light" | "dark")),
  set: (value) => keep(key, value === "auto" ? null : value),
  subscribe: () => undefined,
  unsubscribe: () => undefined,
  clear: () => keep(key, null),
};

function keep(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

export type Density = "compact" | "comfortable";

/** density tells how tall rows are drawn now. */
export function density(): Density {
  return document.documentElement.dataset["density"] === "comfortable" ? "comfortable" : "compact";
}

/** setDensity changes row heights for this browser. */
export function setDensity(value: Density): void {
  document.documentElement.dataset["density"] = value;
  keep("thingward-density", value);
}
