import { queryOptions } from "@tanstack/react-query";
import { get, part } from "./client";
import { items } from "./queries";
import type { Server, Worded } from "./server";
import type { List } from "./types";

// Findings and exceptions: what fails, whose it is, and what is excused until when.

export type Subject = Server["PostureRef"];
export type Scope = Server["PostureScope"];
export type FindingState = "open" | "excepted" | "closed";
export type Note = Server["PostureNote"];
export type Finding = Worded<Server["PostureFinding"], { state: FindingState }>;
export type FindingWhole = Worded<Server["PostureFindingDetail"], { state: FindingState }>;
export type FindingSummary = Server["PostureFindingSummary"];

export type ExceptionState = "requested" | "approved" | "refused" | "withdrawn" | "ended";
export type Exception = Worded<Server["PostureException"], { state: ExceptionState }>;
export type WhatIf = Server["PostureWhatIfAnswer"];
export type Expiry = Server["PostureExpiry"];

export const findingSummary = queryOptions({ queryKey: ["findings", "summary"], queryFn: () => get<FindingSummary>("/findings/summary") });
/** finding is a finding as it stands, or as it stood at a moment that has passed, which live messages do not change. */
export const finding = (id: string, at?: string) =>
  queryOptions({ queryKey: at === undefined ? ["findings", id] : ["past", "finding", id, at], queryFn: () => get<FindingWhole>(`/findings/${part(id)}`, { at }), ...(at === undefined ? {} : { retry: false, staleTime: Infinity }) });
export const exception = (id: string) => queryOptions({ queryKey: ["exceptions", id], queryFn: () => get<Exception>(`/exceptions/${part(id)}`) });
export const exceptionsOf = (control: string) =>
  queryOptions({ queryKey: ["exceptions", "of", control], queryFn: () => get<List<Exception>>("/exceptions", { control, limit: 200 }).then(items) });
export const expiries = (days: number) => queryOptions({ queryKey: ["expiries", days], queryFn: () => get<List<Expiry>>("/posture/expiries", { days }).then(items) });
