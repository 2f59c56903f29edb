// An auditor's engagements, the packs that are exported for them, and access reviews.

export interface EngagementScope { domains?: string[] | null; controls?: string[] | null; frameworks?: string[] | null }
export interface Sample { id?: string; n?: number; control: string; check?: string; size: number; of?: number; population?: number; seed?: string | number; drawn?: string; at?: string; objects: { kind: string; id: string; name?: string; status?: string; reason?: string }[] | null }
export interface Request { n: number; control?: string; text: string; due?: string; asked: string; by: string; state: string; answers?: Answer[] | null; answer?: Answer; verdict?: string; judged?: string; comment?: string }
export interface Answer { text: string; records?: string[] | null; export?: string; by: string; at: string; verdict?: string; comment?: string }
export interface Conclusion { control: string; conclusion: "met" | "not-met" | "partly" | "not-tested"; text: string; by?: string; at?: string }
export interface Engagement {
  id: string; title: string; system?: string; from: string; to: string; scope: EngagementScope; auditors: string[] | null; ends: string; state: string; opened?: string; created?: string; by?: string;
  samples?: Sample[] | null; requests?: Request[] | null; conclusions?: Conclusion[] | null; controls?: string[] | null; version?: number;
  signed?: string; signature?: { by: string; at: string; statement: string; digest: string; checkpoint?: { size: number; root: string } };
}
export interface ExportFile { name: string; media: string; size: number; sha256: string }
export interface ExportPack {
  id: string; state: "queued" | "running" | "done" | "failed"; progress?: { done: number; total: number; step: string }; files?: ExportFile[] | null; checkpoint?: { size: number; root: string; note?: string };
  created: string; by: string; expires?: string; formats?: string[] | null; at?: string; error?: string; engagement?: string; scope?: Record<string, unknown>;
}
export interface ReviewLine { account: string; id?: string; kind: string; roles: string[] | null; state?: string; lastLogin?: string; created?: string; mfa?: boolean; decision?: "keep" | "reject" | ""; decidedBy?: string; decided?: string; by?: string; at?: string; reason?: string }
export interface Review { id: string; title: string; due: string; state: string; opened?: string; created?: string; by?: string; closed?: string; total?: number; decided?: number; kept?: number; rejected?: number; lines?: ReviewLine[] | null }
