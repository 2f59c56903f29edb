import { queryOptions } from "@tanstack/react-query";
import { get } from "./client";
import { items } from "./queries";
import type { List } from "./types";

// Risks: likelihood × impact on the scales of NIST SP 800-30, what was decided, and what is left.

export type Decision = "mitigate" | "defer" | "accept";
export interface Mitigation { n?: number; title: string; owner: string; due: string; done?: string; finished?: string; outcome?: string }
export interface RiskLink { kind: string; id: string; name?: string }
export interface Risk {
  id: string; title: string; asset: string; system?: string; site?: string; scopes?: string[] | null; threat: string; source?: string; vulnerability?: string;
  likelihood: number; impact: number; level: string; safety?: boolean; owner?: string; state: string; decision?: Decision | ""; decider?: string; decided?: string; reason?: string; ends?: string;
  residualLikelihood?: number; residualImpact?: number; residualLevel?: string; mitigations?: Mitigation[] | null; links?: RiskLink[] | null; created: string; changed: string; overdue?: boolean; version?: number;
  closed?: string; closedReason?: string;
}
export interface Cell { likelihood: number; impact: number; level: string; count: number; residual: number }
export interface Matrix { cells: Cell[] | null; open: number; undecided: number; overdue: number }
export interface TrendDay { at: string; open: number; [level: string]: string | number }
export interface ScaleStep { value: number; name: string; text?: string; meaning?: string }
export interface Scales { likelihood: ScaleStep[] | null; impact: ScaleStep[] | null; levels?: unknown; scopes?: unknown }

export const riskMatrix = (at?: string) => queryOptions({ queryKey: ["risks", "matrix", at ?? ""], queryFn: () => get<Matrix>("/risks/matrix", { at }) });
export const riskTrend = queryOptions({ queryKey: ["risks", "trend"], queryFn: () => get<List<TrendDay> | TrendDay[]>("/risks/trend", { days: 90 }).then(items) });
export const riskScales = queryOptions({ queryKey: ["risks", "scales"], queryFn: () => get<Scales>("/risks/scales"), staleTime: Infinity });
