import type { Matrix, Scales } from "@/api/risks";
import { Grid, type GridCell } from "@/ui/charts/Grid";
import { levelWord } from "./say";

type Props = { matrix: Matrix; scales: Scales; picked?: readonly [number, number]; pick?: (likelihood: number, impact: number) => void };

/** RiskMatrix counts the open risks by likelihood and impact, as rated and as they remain; a field narrows the list. */
export function RiskMatrix({ matrix, scales, picked, pick }: Props) {
  const cells = (matrix.cells ?? []).map((cell): GridCell => ({
    row: cell.likelihood, column: cell.impact, tone: Math.min(4, Math.max(0, cell.level - 1)) as GridCell["tone"], here: picked?.[0] === cell.likelihood && picked[1] === cell.impact,
    label: `Likelihood ${cell.likelihood}, impact ${cell.impact}, ${levelWord(cell.levelName)}${cell.count + cell.residual === 0 ? ": none" : ""}`,
    content: cell.count === 0 && cell.residual === 0 ? <span className="ink3 small">·</span> : <><span className="grid-count">{cell.count}<span className="hidden"> rated, </span></span><span className="grid-rest">{cell.residual} now</span></>,
    ...(pick && cell.count + cell.residual > 0 ? { href: () => pick(cell.likelihood, cell.impact) } : {}),
  }));
  const steps = (list: Scales["likelihood"]) => (list ?? []).map((step) => ({ value: step.level, name: levelWord(step.name), text: step.text }));
  return (
    <div className="riskmatrix">
      <Grid label="Open risks by likelihood and impact" rows={{ name: "Likelihood", steps: steps(scales.likelihood) }} columns={{ name: "Impact", steps: steps(scales.impact) }} cells={cells} />
      <p className="caption">A stronger shade is a higher level: {(scales.level ?? []).map((step) => levelWord(step.name)).join(", ")}. The large figure counts risks as rated, the small one what remains now that mitigations are done.</p>
    </div>
  );
}
