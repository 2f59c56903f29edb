import { queryOptions } from "@tanstack/react-query";
import { get, part } from "./client";
import { items } from "./queries";
import type { List } from "./types";

// Risks: likelihood × impact on the five-level scales of NIST SP 800-30, what was decided, and what is left.

export type Decision = "mitigate" | "defer" | "accept";
export interface Person { id: string; name: string }
export interface RiskDecision {
  decision: Decision; reason: string; decider: Person; decided: string; ends?: string; residualLikelihood: number; residualImpact: number; residualLevel: number;
}
export interface Mitigation {
  number: number; title: string; owner: string; due: string; added: string; by: Person; finished?: string; outcome?: string; finisher?: Person;
  moved?: { from: string; to: string; reason: string; by: Person; at: string }[] | null;
}
export interface RiskLink { kind: string; id: string; name?: string; at: string }
/** RiskText is what a person says about a risk. */
export interface RiskText {
  title: string; asset: string; system?: string; site?: string; scopes?: string[] | null; threat: string; source?: string; vulnerability?: string;
  likelihood: number; impact: number; safety?: boolean; owner: string;
}
export interface Risk extends RiskText {
  id: string; level: number; levelName: string; state: "open" | "closed"; entered: Person; rated: Person; decision?: RiskDecision; mitigations: Mitigation[] | null; links: RiskLink[] | null;
  closing?: { reason: string; by: Person; at: string }; created: string; changed: string; version: number; undecided: boolean; lapsed: boolean; overdue: boolean; due?: string;
  remaining: { likelihood: number; impact: number; level: number; levelName: string }; history?: { version: number; at: string; who: string; what: string }[] | null;
}
export interface Cell { likelihood: number; impact: number; level: number; levelName: string; count: number; residual: number }
export interface Matrix { at: string; cells: Cell[] | null; open: number; undecided: number; lapsed: number; overdue: number; safety: number }
export interface TrendDay { at: string; open: number; undecided: number; overdue: number; levels: number[] | null; remaining: number[] | null }
export interface ScaleStep { level: number; name: string; text: string }
export interface Scales {
  source: string; likelihood: ScaleStep[] | null; impact: ScaleStep[] | null; level: ScaleStep[] | null; matrix: (number[] | null)[] | null;
  scopes: { name: string; kind: string; title: string; text: string }[] | null; decisions: { name: string; text: string }[] | null;
}

export const riskMatrix = (at?: string, system?: string) => queryOptions({ queryKey: [at === undefined ? "risks" : "past", "matrix", at ?? "", system ?? ""], queryFn: () => get<Matrix>("/risks/matrix", { at, system }) });
/** risk is a risk as it stands, or as it stood at a moment that has passed, which live messages do not change. */
export const risk = (id: string, at?: string) =>
  queryOptions({ queryKey: at === undefined ? ["risk", id] : ["past", "risk", id, at], queryFn: () => get<Risk>(`/risks/${part(id)}`, { at }), ...(at === undefined ? {} : { retry: false, staleTime: Infinity }) });
export const riskTrend = queryOptions({ queryKey: ["risks", "trend"], queryFn: () => get<List<TrendDay> | TrendDay[]>("/risks/trend", { days: 90 }).then(items) });
export const riskScales = queryOptions({ queryKey: ["risk-scales"], queryFn: () => get<Scales>("/risks/scales"), staleTime: Infinity });
