import { queryOptions } from "@tanstack/react-query";
import { get, part } from "./client";
import { items } from "./queries";
import type { List } from "./types";

// Findings and exceptions: what fails, whose it is, and what is excused until when.

export interface Subject { kind: string; id: string; name?: string }
export interface Scope { type?: string; site?: string; system?: string }
export type FindingState = "open" | "excepted" | "closed";
export interface Note { at: string; by: string; text: string }
export interface Finding {
  id: string; control: string; check: string; title: string; subject: Subject; severity: string; state: FindingState; reason: string;
  opened: string; closed?: string; closedBy?: string; owner?: string; due?: string; overdue: boolean; exception?: string; notes: number;
}
export interface FindingWhole extends Finding { log: Note[] | null; remedy: string; former?: string; closedReason?: string }
export interface Owed { owner?: string; domain?: string; open: number; overdue: number }
export interface FindingSummary { open: number; overdue: number; excepted: number; unowned: number; owners: Owed[] | null; severities: Record<string, number> | null; domains: Owed[] | null }

export type ExceptionState = "requested" | "approved" | "refused" | "withdrawn" | "ended";
export interface Exception {
  id: string; control: string; check?: string; subject?: Subject; scope?: Scope; state: ExceptionState; requester: string; approver?: string; justification: string;
  compensating: string; plan?: string; requested: string; decided?: string; ends: string; reason?: string; covers: number; stillFailing: number;
}
export interface WhatIf {
  at: string; before: Stand; after: Stand; changed: { control: string; before: string; after: string; reason: string }[] | null; note?: string;
}
interface Stand { score: { passPercent: number | null; withExceptionsPercent?: number | null }; counts: Record<string, number> }
export interface Expiry { at: string; control: string; check?: string; title: string; subject?: Subject; what: string }

export const findingSummary = queryOptions({ queryKey: ["findings", "summary"], queryFn: () => get<FindingSummary>("/findings/summary") });
/** finding is a finding as it stands, or as it stood at a moment that has passed, which live messages do not change. */
export const finding = (id: string, at?: string) =>
  queryOptions({ queryKey: at === undefined ? ["findings", id] : ["past", "finding", id, at], queryFn: () => get<FindingWhole>(`/findings/${part(id)}`, { at }), ...(at === undefined ? {} : { retry: false, staleTime: Infinity }) });
export const exception = (id: string) => queryOptions({ queryKey: ["exceptions", id], queryFn: () => get<Exception>(`/exceptions/${part(id)}`) });
export const exceptionsOf = (control: string) =>
  queryOptions({ queryKey: ["exceptions", "of", control], queryFn: () => get<List<Exception>>("/exceptions", { control, limit: 200 }).then(items) });
export const expiries = (days: number) => queryOptions({ queryKey: ["expiries", days], queryFn: () => get<List<Expiry>>("/posture/expiries", { days }).then(items) });
