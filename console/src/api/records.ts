import { queryOptions } from "@tanstack/react-query";
import { get, part } from "./client";
import { items } from "./queries";
import type { Server, Worded } from "./server";
import type { List } from "./types";

// Records: what persons owe, with its form, evidence and end.

export type FieldType = "text" | "prose" | "number" | "date" | "bool" | "choice" | "many" | "person" | "rows" | "refs";
/** FormField is one field of a form; a `measured` one is read from the evidence, and nobody types it. */
export type FormField = Worded<Server["RecordsField"], { type: FieldType; fields?: FormField[] | null }> & { measured?: boolean };
export type Body = Record<string, unknown>;
export type Served = Server["RecordsServed"];
export type RecordKind = Worded<Server["RecordsKindInfo"], { form: FormField[] | null }>;
export type RecordObject = Server["RecordsObject"];
/** ReadFact is something that the server read out of a file itself, such as the findings of a scan. */
export interface ReadFact { label: string; value: string }
export type Evidence = Server["RecordsEvidence"] & { read?: ReadFact[] | null };
export type Fault = Server["RecordsFault"];
export type RecordState = "draft" | "submitted" | "approved" | "rejected" | "superseded" | "withdrawn";
export type RecordRow = Worded<Server["RecordsListed"], { state: RecordState }>;
export type Item = Server["RecordsItem"];
export type Ack = Server["RecordsAck"];
export type RecordWhole = Worded<Server["RecordsDetail"], { state: RecordState; evidence: Evidence[] | null; versions: RecordRow[] | null }>;
export type DutyState = "current" | "expiring" | "expired" | "missing" | "waiting" | "altered" | "not-owed";
type Counted = Partial<Record<DutyState, number>>;
export type Duty = Worded<Server["RecordsOwed"], { state: DutyState; record?: Worded<Server["RecordsOwedRecord"], { state: RecordState }> }>;
export type DueDay = Server["RecordsDue"];
export type DutySummary = Worded<Server["RecordsDutySummary"], { counts: Counted; kinds: Worded<Server["RecordsKindSummary"], { counts: Counted }>[] | null }>;
export type RegisterKind = Worded<Server["RecordsEntryKind"], { form: FormField[] | null }>;
export type Entry = Server["RecordsEntry"];

export const recordKinds = queryOptions({ queryKey: ["record-kinds"], queryFn: () => get<List<RecordKind>>("/record-kinds", { limit: 1000 }).then(items), staleTime: 600_000 });
export const recordKind = (name: string) => queryOptions({ queryKey: ["record-kinds", name], queryFn: () => get<RecordKind>(`/record-kinds/${part(name)}`), staleTime: 600_000 });
export const dutySummary = queryOptions({ queryKey: ["duties", "summary"], queryFn: () => get<DutySummary>("/duties/summary") });
export const registerKinds = queryOptions({ queryKey: ["register-kinds"], queryFn: () => get<List<RegisterKind>>("/register-kinds", { limit: 1000 }).then(items), staleTime: 600_000 });
