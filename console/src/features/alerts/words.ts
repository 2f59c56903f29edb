import type { Alert } from "@/api/types";

/** alertState says who has an alert. */
export function alertState(alert: Alert): string {
  if (alert.state === "closed") return "Closed";
  if (alert.state === "acknowledged") return alert.owner ? `With ${alert.owner}` : "Acknowledged";
  return "Open, nobody has it";
}

/** causes are offered when an alert is closed; the text beside them says what was found. */
export const causes = [
  { value: "attack", label: "Attack" }, { value: "misuse", label: "Misuse" }, { value: "fault", label: "Fault" }, { value: "change", label: "Planned change" }, { value: "false-alarm", label: "False alarm" },
] as const;

/** subjectHref is the page of what an alert or event is about, where there is one. */
export function subjectHref(subject: { kind: string; id: string; name?: string }): string | undefined {
  const ref = encodeURIComponent(subject.name || subject.id);
  switch (subject.kind) {
    case "device": return `/devices/${ref}`;
    case "person": case "service": case "account": return `/people/${ref}`;
    case "control": return `/controls/${ref}`;
    case "alert": return `/alerts/${encodeURIComponent(subject.id)}`;
    case "type": return `/types/${ref}`;
    case "risk": return `/risks/${encodeURIComponent(subject.id)}`;
    case "finding": return `/findings/${encodeURIComponent(subject.id)}`;
    case "exception": return `/exceptions/${encodeURIComponent(subject.id)}`;
    case "engagement": return `/engagements/${encodeURIComponent(subject.id)}`;
    case "review": return `/reviews/${encodeURIComponent(subject.id)}`;
    case "export": return `/exports/${encodeURIComponent(subject.id)}`;
    default: return subject.kind.startsWith("record:") ? `/records/${subject.kind.slice(7)}?object=${encodeURIComponent(subject.id)}` : undefined;
  }
}

/** subjectWord says what kind of thing a check judges, without the server's inner name of it. */
export function subjectWord(kind: string): string {
  return kind.startsWith("record:") ? "record" : kind;
}
