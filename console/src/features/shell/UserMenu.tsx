import { Menu, useMantineColorScheme } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { send } from "@/api/client";
import type { Principal } from "@/api/types";
import { Icon } from "@/ui/parts/Icon";
import { density, setDensity, type Density } from "@/ui/theme/choice";
import { roleName } from "./roles";

function initials(name: string): string {
  const parts = name.split(/[\s.@_-]+/).filter(Boolean);
  return ((parts[0]?.[0] ?? "") + (parts[1]?.[0] ?? parts[0]?.[1] ?? "")).toUpperCase();
}

/** UserMenu says who is signed in and as what; it holds theme, density and signing out. */
export function UserMenu({ principal, compact = false }: { principal: Principal; compact?: boolean }) {
  const router = useRouter();
  const cache = useQueryClient();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [dense, setDense] = useState(density());
  const leave = async () => {
    await send("POST", "/logout").catch(() => undefined);
    cache.clear();
    await router.navigate({ href: "/sign-in" });
  };
  const pick = (value: Density) => {
    setDensity(value);
    setDense(value);
  };
  return (
    <Menu position={compact ? "bottom-end" : "right-end"} width={220}>
      <Menu.Target>
        <button type="button" className={compact ? "btn btn-icon" : "userbtn"} {...(compact ? { "aria-label": `Signed in as ${principal.name}` } : {})}>
          {compact ? <Icon name="people" /> : (
            <>
              <span className="userinit" aria-hidden>{initials(principal.name)}</span>
              <span className="hidden">Signed in as</span>
              <span className="side-word grow">
                <span className="trunc" style={{ display: "block" }}>{principal.name}</span>
                <span className="caption trunc" style={{ display: "block" }}>{principal.roles.map(roleName).join(", ")}</span>
              </span>
            </>
          )}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="people" />} onClick={() => void router.navigate({ href: "/me" })}>Your account</Menu.Item>
        <Menu.Divider />
        <Menu.Label>Theme</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={(value) => setColorScheme(value as typeof colorScheme)}>
          <Menu.RadioItem value="auto">As the system</Menu.RadioItem>
          <Menu.RadioItem value="light">Light</Menu.RadioItem>
          <Menu.RadioItem value="dark">Dark</Menu.RadioItem>
        </Menu.RadioGroup>
        <Menu.Label>Rows</Menu.Label>
        <Menu.RadioGroup value={dense} onChange={(value) => pick(value as Density)}>
          <Menu.RadioItem value="compact">Compact</Menu.RadioItem>
          <Menu.RadioItem value="comfortable">Comfortable</Menu.RadioItem>
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<Icon name="leave" />} onClick={() => void leave()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
