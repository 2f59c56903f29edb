import { queryOptions } from "@tanstack/react-query";
import { get, part } from "./client";
import { items } from "./queries";
import type { Server, Worded } from "./server";
import type { List } from "./types";

// Risks: likelihood × impact on the five-level scales of NIST SP 800-30, what was decided, and what is left.

export type Decision = "mitigate" | "defer" | "accept";
export type RiskDecision = Worded<Server["RiskDecision"], { decision: Decision }>;
export type Mitigation = Server["RiskMitigation"];
export type RiskLink = Server["RiskLink"];
/** RiskText is what a person says about a risk. */
export type RiskText = Server["RiskText"];
type View = Worded<Server["RiskView"], { state: "open" | "closed"; decision?: RiskDecision }>;
/** Risk is a risk as lists and pages show it; alone, with its history. */
export type Risk = View & { history?: Server["RiskDetail"]["history"] };
export type Cell = Server["RiskCell"];
export type Matrix = Server["RiskMatrix"];
export type TrendDay = Server["RiskPoint"];
export type ScaleStep = Server["RiskStep"];
export type Scales = Server["RiskScales"];

export const riskMatrix = (at?: string, system?: string) => queryOptions({ queryKey: [at === undefined ? "risks" : "past", "matrix", at ?? "", system ?? ""], queryFn: () => get<Matrix>("/risks/matrix", { at, system }) });
/** risk is a risk as it stands, or as it stood at a moment that has passed, which live messages do not change. */
export const risk = (id: string, at?: string) =>
  queryOptions({ queryKey: at === undefined ? ["risk", id] : ["past", "risk", id, at], queryFn: () => get<Risk>(`/risks/${part(id)}`, { at }), ...(at === undefined ? {} : { retry: false, staleTime: Infinity }) });
export const riskTrend = queryOptions({ queryKey: ["risks", "trend"], queryFn: () => get<List<TrendDay> | TrendDay[]>("/risks/trend", { days: 90 }).then(items) });
export const riskScales = queryOptions({ queryKey: ["risk-scales"], queryFn: () => get<Scales>("/risks/scales"), staleTime: Infinity });
