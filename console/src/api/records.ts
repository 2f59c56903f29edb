import { queryOptions } from "@tanstack/react-query";
import { get, part } from "./client";
import { items } from "./queries";
import type { List } from "./types";

// Records: what persons owe, with its form, evidence and end.

export type FieldType = "text" | "prose" | "number" | "date" | "bool" | "choice" | "many" | "person" | "rows" | "refs";
export interface FormField {
  name: string; title: string; help?: string; type: FieldType; optional?: boolean; options?: string[] | null; fields?: FormField[] | null; of?: string; least?: number; most?: number;
  covers?: string[] | null; tracks?: boolean; acknowledges?: boolean; performed?: boolean; independent?: boolean; futureOnly?: boolean;
}
export type Body = Record<string, unknown>;
export interface Served { control: string; obligation: string; title: string }
export interface RecordKind {
  name: string; title: string; purpose: string; about: string; lifeDays: number; form: FormField[] | null; files?: { least: number; what?: string }; readers?: string;
  serves: Served[] | null; example?: Body;
}
export interface RecordObject { kind: string; id: string; name: string; system?: string; site?: string; owner?: string; retired?: boolean }
/** ReadFact is something that the server read out of a file itself, such as the findings of a scan. */
export interface ReadFact { label: string; value: string }
export interface Evidence { id: string; name: string; media?: string; size?: number; sha256: string; link?: string; added: string; by: string; read?: ReadFact[] | null }
export interface Fault { path: string; message: string }
export type RecordState = "draft" | "submitted" | "approved" | "rejected" | "superseded" | "withdrawn";
export interface RecordRow {
  id: string; kind: string; object: RecordObject; version: number; state: RecordState; owner: string; author?: string; writers?: string[] | null; approver?: string; body: Body | null; evidence: Evidence[] | null;
  performed?: string; effective?: string; expires?: string; created: string; changed: string; reason?: string; digest?: string; altered?: string;
}
export interface Item { id: string; kind: string; record: string; object: RecordObject; field: string; title: string; owner: string; due: string; opened: string; closed?: string; closedBy?: string; outcome?: string }
export interface Ack { account: string; at?: string }
export interface RecordWhole extends RecordRow {
  title: string; expired: boolean; acks?: Ack[] | null; items?: Item[] | null; versions?: RecordVersion[] | null; faults?: Fault[] | null; ends?: { expires: string };
}
export interface RecordVersion { id: string; title?: string; kind?: string; object?: RecordObject; owner?: string; expired?: boolean; reason?: string; altered?: string; version: number; state: RecordState; author?: string; approver?: string; effective?: string; expires?: string; changed?: string }
export type DutyState = "current" | "expiring" | "expired" | "missing" | "waiting" | "altered" | "not-owed";
export interface Duty {
  kind: string; title: string; object: RecordObject; state: DutyState; owner?: string; why?: string; record?: { id: string; version: number; state: RecordState; expires?: string };
  controls: string[] | null;
}
export interface DueDay { at: string; what: "record" | "item"; kind: string; title: string; object: RecordObject; owner?: string; id: string; state: string }
export interface DutySummary {
  counts: Partial<Record<DutyState, number>>; kinds: { kind: string; title: string; about: string; counts: Partial<Record<DutyState, number>>; next?: string }[] | null; items: { open: number; overdue: number };
}
export interface RegisterKind { kind: string; title: string; purpose: string; form: FormField[] | null }
export interface Entry { id: string; kind: string; name: string; system?: string; site?: string; owner?: string; facts: Body | null; retired?: string; reason?: string; created?: string; changed?: string }

export const recordKinds = queryOptions({ queryKey: ["record-kinds"], queryFn: () => get<List<RecordKind>>("/record-kinds", { limit: 1000 }).then(items), staleTime: 600_000 });
export const recordKind = (name: string) => queryOptions({ queryKey: ["record-kinds", name], queryFn: () => get<RecordKind>(`/record-kinds/${part(name)}`), staleTime: 600_000 });
export const dutySummary = queryOptions({ queryKey: ["duties", "summary"], queryFn: () => get<DutySummary>("/duties/summary") });
export const registerKinds = queryOptions({ queryKey: ["register-kinds"], queryFn: () => get<List<RegisterKind>>("/register-kinds", { limit: 1000 }).then(items), staleTime: 600_000 });
