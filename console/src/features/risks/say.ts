import type { Matrix, Risk } from "@/api/risks";

/** decisionWords say what was decided. */
export const decisionWords: Record<string, string> = { mitigate: "Mitigate", defer: "Defer", accept: "Accept" };

/** headline says what the register owes in one sentence. */
export function headline(matrix: Matrix, system?: string, past = false): string {
  const of = system ? ` of ${system}` : "";
  if (matrix.open === 0) return past ? `No risk${of} was open` : `No risk${of} is open`;
  const undecided = matrix.undecided === 0 ? (past ? "each was decided" : "each is decided") : `${matrix.undecided} undecided`;
  const overdue = matrix.overdue === 0 ? (past ? "no mitigation was late" : "no mitigation is late") : `${matrix.overdue} with a late mitigation`;
  const verb = past ? (matrix.open === 1 ? "was" : "were") : matrix.open === 1 ? "is" : "are";
  return `${matrix.open.toLocaleString("en")} ${matrix.open === 1 ? "risk" : "risks"}${of} ${verb} open, ${undecided}, ${overdue}`;
}

/** standing says where a risk stands: what counts of its decision now. */
export function standing(risk: Pick<Risk, "state" | "undecided" | "lapsed" | "decision">): string {
  if (risk.state === "closed") return "Closed";
  if (risk.lapsed) return "Decision ended";
  if (risk.undecided || !risk.decision) return "Undecided";
  return decisionWords[risk.decision.decision] ?? risk.decision.decision;
}

/** levelWord is a level of the scale as it is read: "very high". */
export function levelWord(name: string): string {
  return name.replaceAll("-", " ");
}

/** levels of the scale, from very low. */
export const levels = ["very low", "low", "moderate", "high", "very high"] as const;

/** mayNot says why somebody may not decide a risk, or nothing: who entered, rated or owns it has a part in it. */
export function mayNot(risk: Pick<Risk, "entered" | "rated" | "owner">, me: { id: string; name: string }): string | undefined {
  const same = (name: string) => name.toLowerCase() === me.name.toLowerCase();
  if (risk.entered.id === me.id || same(risk.entered.name)) return "You entered it: another risk manager decides.";
  if (risk.rated.id === me.id || same(risk.rated.name)) return "You rated it: another risk manager decides.";
  return same(risk.owner) ? "You own it: another risk manager decides." : undefined;
}
