const names: Record<string, string> = {
  "system-administrator": "System administrator", "security-administrator": "Security administrator", "system-operator": "System operator",
  auditor: "Auditor", "key-manager": "Key manager", "local-user": "Local user", application: "Application", gateway: "Gateway", device: "Device", "risk-manager": "Risk manager",
};

/** roleName says a role in words. */
export function roleName(role: string): string {
  return names[role] ?? (role.charAt(0).toUpperCase() + role.slice(1)).replaceAll("-", " ");
}
