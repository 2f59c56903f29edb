import type { Event } from "@/api/types";

/** verb says an event's type in words: "session.refused" becomes "Session refused". */
export function verb(type: string): string {
  const text = type.replaceAll(/[.\-_]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const telling = ["reason", "cause", "text", "summary", "name", "command", "property", "topic", "state", "after", "control", "rule"];

/** summary says an event in one line: what happened, and the most telling of its data. */
export function summary(event: Event): string {
  const parts = telling.flatMap((key) => {
    const value = event.data?.[key];
    const said = typeof value === "string" || typeof value === "number" ? String(value) : "";
    return said === "" || /^[0-9a-f]{12,}$/.test(said) ? [] : [said];
  });
  return [verb(event.type), ...new Set(parts)].slice(0, 3).join(", ");
}

/** partyText names one side of an event as people know it. */
export function partyText(party: { name?: string; id: string; address?: string }): string {
  return party.name || (party.id === "anonymous" ? (party.address ?? "anonymous") : party.id);
}
