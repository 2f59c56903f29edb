import type { Device } from "@/api/types";

export type ActName = "quarantine" | "release" | "suspend" | "resume" | "retire";

export interface Act {
  name: ActName;
  verb: string;
  need: string;
  final: boolean;
  key?: string;
  /** text says what it does, before it is pressed. */
  text: string;
  from: readonly Device["state"][];
}

/** acts are what may be done to a device, with the states that allow them (the life cycle of the registry). */
export const acts: readonly Act[] = [
  { name: "quarantine", verb: "Quarantine", need: "device:quarantine", final: false, key: "q", from: ["registered", "active", "suspended"],
    text: "Cuts its sessions. It keeps its certificate and may come back for its twin only." },
  { name: "release", verb: "Release", need: "device:quarantine", final: false, key: "r", from: ["quarantined"], text: "Lets it connect and speak on all its topics again." },
  { name: "suspend", verb: "Suspend", need: "device:quarantine", final: false, from: ["active", "quarantined"], text: "Cuts its sessions and refuses every new one until it is resumed." },
  { name: "resume", verb: "Resume", need: "device:quarantine", final: false, from: ["suspended"], text: "Lets it connect again with the certificate it has." },
  { name: "retire", verb: "Retire", need: "device:retire", final: true, from: ["registered", "active", "quarantined", "suspended"], text: "Revokes its certificates for good. Its history stays." },
];

/** actsFor are the acts that the state of a device allows. */
export function actsFor(state: Device["state"]): Act[] {
  return acts.filter((act) => act.from.includes(state));
}

