import type { Device, DeviceState } from "@/api/types";

/** stateWord says a place in the life cycle. */
export function stateWord(state: DeviceState): string {
  return state.charAt(0).toUpperCase() + state.slice(1);
}

/** lifecycle is the order in which a device goes through its life. */
export const lifecycle: readonly DeviceState[] = ["registered", "active", "quarantined", "suspended", "retired"];

/** deviceHref is a device's address: its name, which people can read. */
export function deviceHref(device: Pick<Device, "name">): string {
  return `/devices/${encodeURIComponent(device.name)}`;
}
