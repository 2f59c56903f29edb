import type { Risk } from "@/api/risks";
import { Go } from "@/ui/parts/Go";
import type { Column } from "@/ui/table/columns";
import { Due } from "@/ui/time/Due";
import { levels, levelWord, standing } from "./say";

/** LevelMark is a level of risk as a bar of five and its word; shape says it where colour cannot. */
export function LevelMark({ level, name, quiet = false }: { level: number; name?: string; quiet?: boolean }) {
  const word = levelWord(name ?? levels[level - 1] ?? "");
  return (
    <span className="mark">
      <svg viewBox="0 0 26 12" width={26} height={12} aria-hidden style={{ flex: "none" }}>
        {[1, 2, 3, 4, 5].map((step) => <rect key={step} x={(step - 1) * 5.2} y={step > level ? 8 : 8 - step * 1.4} width="4" height={step > level ? 2 : 2 + step * 1.4} fill="currentColor" opacity={step > level ? 0.3 : 1} />)}
      </svg>
      <span className={quiet ? "ink2" : ""}>{word.charAt(0).toUpperCase() + word.slice(1)}</span>
    </span>
  );
}

/** Standing says what was decided and still counts; what nobody decided is told apart by word and colour. */
export function Standing({ risk }: { risk: Risk }) {
  const word = standing(risk);
  return <span className={risk.state === "open" && (risk.undecided || risk.lapsed) ? "stale" : risk.state === "closed" ? "ink2" : ""}>{word}{risk.overdue ? <span className="fail">, late</span> : null}</span>;
}

/** columns of the register. */
export const columns: readonly Column<Risk>[] = [
  { id: "title", header: "Risk", phone: "title", sortBy: (r) => r.title, cell: (r) => <Go href={`/risks/${r.id}`} data-row title={r.threat}>{r.title}</Go> },
  { id: "asset", header: "Asset", width: "17%", phone: "fact", cell: (r) => <span className="ink2" title={r.system ? `${r.asset}, ${r.system}` : r.asset}>{r.asset}{r.system ? <span className="ink3">, {r.system}</span> : null}</span> },
  { id: "level", header: "As rated", width: 104, phone: "status", sortBy: (r) => r.level, cell: (r) => <LevelMark level={r.level} name={r.levelName} /> },
  { id: "remaining", header: "Remains now", width: 104, sortBy: (r) => r.remaining.level, cell: (r) => <LevelMark level={r.remaining.level} name={r.remaining.levelName} quiet /> },
  { id: "owner", header: "Owner", width: 104, phone: "fact", sortBy: (r) => r.owner, cell: (r) => <span className="ink2">{r.owner}</span> },
  { id: "due", header: "Next due", width: 154, align: "right", sortBy: (r) => r.due ?? "9", cell: (r) => <Due at={r.due} none="nothing" done={r.state === "closed"} past="late by" /> },
  { id: "ends", header: "Decided until", width: 118, align: "right", sortBy: (r) => r.decision?.ends ?? "9", cell: (r) => <span className="ink2"><Due at={r.decision?.ends} none="–" done /></span> },
  { id: "decision", header: "Decision", width: 110, phone: "fact", cell: (r) => <Standing risk={r} /> },
];
