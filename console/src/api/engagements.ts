// An auditor's engagements, the packs that are exported for them, and access reviews.

export interface EngagementScope { domains?: string[] | null; controls?: string[] | null; frameworks?: string[] | null }
export interface Drawn { kind: string; id: string; name?: string; rank: string; results: { check: string; status: string; reason?: string; observed: string }[] | null }
export interface Sample { n: number; control: string; check?: string; seed: string; size: number; population: number; populationDigest: string; drawn: string; by: string; objects: Drawn[] | null }
export interface Turn { verdict?: "accepted" | "returned" | ""; text: string; records?: string[] | null; export?: string; at: string; by: string }
export interface Request { n: number; control?: string; text: string; due: string; asked: string; by: string; state: "asked" | "answered" | "returned" | "accepted"; overdue: boolean; turns: Turn[] | null }
export type Verdict = "met" | "partly" | "not-met" | "not-tested";
export interface Conclusion { control: string; conclusion: Verdict; text: string; at: string; by: string }
export interface Engagement {
  id: string; title: string; system?: string; from: string; to: string; ends: string; state: "open" | "over" | "signed"; scope: EngagementScope; controls: string[] | null;
  auditors: { id: string; name: string; expires?: string; active: boolean }[] | null; created: string; createdBy: string; changed: string;
  progress: { controls: number; concluded: number; samples: number; requests: number; openRequests: number; overdueRequests: number; answersToJudge: number };
  samples?: Sample[] | null; requests?: Request[] | null; conclusions?: Conclusion[] | null;
  signature?: { by: string; at: string; statement: string; digest: string; checkpoint: string; intact?: boolean };
}
export interface ExportFile { name: string; media: string; size: number; sha256: string }
export interface ExportOrder { formats: string[] | null; scope?: { domains?: string[] | null; controls?: string[] | null; system?: string; framework?: string }; at?: string; engagement?: string }
export interface ExportPack {
  id: string; state: "queued" | "running" | "done" | "failed" | "gone"; order: ExportOrder; progress: { done: number; total: number; step: string }; files: ExportFile[] | null;
  checkpoint?: { size: number; root: string; note?: string }; figures?: Record<string, unknown>; created: string; by: string; ended?: string; expires?: string; reason?: string;
}
export interface ReviewLine {
  account: string; name: string; kind: string; type?: string; site?: string; roles: string[] | null; state: string; created: string; lastLogin?: string; expires?: string; reviewed?: string; added: string;
  decision?: "keep" | "reject" | "disabled" | ""; reason?: string; by?: string; at?: string;
}
export interface Review {
  id: string; title: string; state: "open" | "closed"; due: string; overdue: boolean; opened: string; openedBy: string; closed?: string; closedBy?: string;
  counts: { accounts: number; devices: number; undecided: number; kept: number; rejected: number; disabled: number }; lines?: ReviewLine[] | null;
}
