// The shapes of the HTTP contract, one block per domain, named as the server names them.
import type { Status } from "@/ui/marks/status";
import type { Server, Worded } from "./server";

export interface List<T> { items: T[]; next?: string; total?: number }
export interface Party { kind: string; id: string; name?: string; address?: string }

// People and sign-in
export interface Principal { kind: string; id: string; name: string; roles: string[]; session?: string; method: string; mfa: boolean; since: string; site?: string }
export interface Login { token: string; expires: string; mfaRequired: boolean; principal: Principal }
export interface Whoami { principal: Principal; permissions: string[]; passwordAge: number; mfaEnrolled: boolean; mustChange: boolean }
export interface Account {
  id: string; name: string; kind: "person" | "service"; roles: string[]; site?: string; state: "active" | "disabled" | "locked"; created: string;
  lastLogin?: string; passwordChanged?: string; mfa: boolean; lockedUntil?: string;
}
export interface Grant {
  id: string; name: string; account: string; accountName: string; kinds: string[]; stream?: string; type?: string; site?: string; classes: string[]; purpose: string;
  origin: "person" | "upgrade"; broad: boolean; created: string; createdBy: string; ends?: string; lastUsed?: string;
}
export interface NewAccount extends Account { claim?: string; claimExpires?: string; link?: string }
export interface SignInLink { link: string; expires: string }
export interface Policy { id: string; effect: string; text: string; roles: string[] }
export interface Totp { secret: string; uri: string }
export interface Token { id: string; name: string; created?: string; expires: string; lastUsed?: string; token?: string }

// Registry
export type DeviceState = "registered" | "quarantined" | "active" | "suspended" | "retired";
export interface Device {
  id: string; name: string; type: string; site?: string; system?: string; state: DeviceState; reason?: string; assignee?: string; serial?: string;
  labels?: string[]; created: string; changed: string; version: number;
  connected?: boolean; lastSeen?: string; firmware?: string; address?: string; posture?: { fail: number; unknown: number }; certificateExpires?: string;
}
export interface Property { type: string; unit?: string; title?: string; minimum?: number; maximum?: number; readOnly: boolean; class: string; traffic: string; stream?: string }
export interface DeviceType {
  name: string; title: string; version: string; description?: string; gateway: boolean; properties: Record<string, Property>;
  streams: Record<string, { properties: string[]; class: string; traffic: string }> | null;
  commands: Record<string, { privileged: boolean; input?: unknown }> | null;
  events: Record<string, { severity: string; traffic: string }> | null;
  baseline: {
    firmware?: string; heartbeat: number; updateMaxAge: number; key: { algorithms?: string[]; storage?: string; lifetime: number };
    network?: { to: string; port?: number; proto?: string }[]; radio?: Record<string, string>; capabilities?: Record<string, string>; maxMessage: number; messageRate: number;
  };
  devices: number; changed: string;
}
export type Site = Server["Site"];
export type System = Server["System"];
export interface Effect { at: string; text: string }
export interface ActResult { device: Device; effects: Effect[] | null; dryRun: boolean }
export interface Inventory {
  firmware?: string; os?: string; kernel?: string; agent?: string; hardware?: string; keyStorage?: string; software?: { name: string; version: string }[];
  rootServices?: string[] | null; openPorts?: { proto: string; address: string; port: number; process?: string }[] | null; secureBoot?: boolean; fips?: boolean;
}
export interface Twin {
  desired: Record<string, unknown> | null; desiredVersion: number; reported: Record<string, unknown> | null; reportedAt?: string;
  inventory?: Inventory | null; inventoryAt?: string; drift: { property: string; desired: unknown; reported: unknown }[] | null;
}

// Identity
export interface Certificate {
  serial: string; subjectKind: string; subjectId: string; subjectName?: string; issuer: string; keyHash: string; algorithm: string;
  notBefore: string; notAfter: string; state: "active" | "superseded" | "revoked" | "expired"; enrolledBy: string; revoked?: string; reason?: string;
}
export interface RevokeResult { certificate: Certificate; effects: Effect[] | null }
export interface Identity {
  root: { name: string; fingerprint: string; notBefore?: string; notAfter: string; pem: string };
  issuing: { name: string; fingerprint: string; notBefore: string; notAfter: string; pem: string };
  policy: Record<string, unknown>;
  crl: { number: number; published: string; next: string; revoked: number };
  ocspUrl: string; fips: boolean;
  counts: { active: number; superseded: number; revoked: number; expired: number; expiring30: number };
}

// Broker
export interface Session {
  client: string; subjectKind: string; subjectId: string; subjectName?: string; protocol?: string; transport?: string; address?: string; tls?: string; certificate?: string;
  connectedSince?: string; lastSeen?: string; keepAlive: number; subscriptions: string[] | null; queued: number; inflight: number;
  in: number; out: number; bytesIn: number; bytesOut: number; clean: boolean; state: "live" | "away";
}
export interface Listener { name: string; address: string; protocol?: string; tls?: string; auth?: string; plain?: string }
export interface Broker {
  connections: number; sessions: number; away: number; messagesInPerSecond: number; messagesOutPerSecond: number; refusedPerMinute: number; retained: number; stored: number; failing: boolean;
  listeners: Listener[] | null; limits: Record<string, unknown>;
}

export interface Ban {
  id: string; kind: "device" | "account" | "address"; target: string; name?: string; cause: string; reason: string; placed: string; placedBy: string;
  until?: string; lifted?: string; liftedBy?: string; liftedReason?: string; active: boolean;
}

// Telemetry
export type Pair = [number, number | null];
export interface Series { property: string; unit?: string; stream: string; points: Pair[]; min?: number; max?: number; last?: number }
export interface Telemetry { series: Series[] | null; from: string; to: string }
export interface Rates { messages: Pair[] | null; connected: Pair[] | null; refused: Pair[] | null; now: { messages: number; connected: number; refused: number } }

// Detection
export interface Event { id: string; type: string; severity: string; time: string; initiator: Party; receiver: Party; data: Record<string, unknown>; entry?: number }
export interface EventType { name: string; severity: string; summary: string; change: boolean }
export interface Alert {
  id: string; rule: string; control: string; title: string; severity: string; state: "open" | "acknowledged" | "closed"; subject: Party; count: number;
  first: string; last: string; raised: string; notified?: string; owner?: string; acknowledged?: string; closed?: string; cause?: string; remedy?: string;
  events: string[] | null; text: string; closedBy?: string; cleared?: string;
  deliveries?: { route: string; state: "pending" | "delivered" | "failed" | "dropped"; tries: number; error?: string; done?: string }[];
}
export interface Rule { id: string; control: string; title: string; severity: string; text: string; window: number; threshold: number; routes: string[] | null; responds: boolean }

// Posture
type Domain = Worded<Server["PostureDomainView"], { controls: Server["PostureControlMark"][] }>;
/** Posture always has its domains and their controls, which Go cannot promise of a list. */
export type Posture = Worded<Server["PostureOverview"], { counts: Partial<Record<Status, number>>; domains: Domain[] }>;
/** AsOf says which moment an answer about the past is for, and what proves it. */
export type AsOf = Server["PostureAsOf"];
export type PostureProof = Server["PostureProof"];
export type ControlRow = Server["PostureListed"];
export type Check = Server["PostureCheckView"];
export type Failing = NonNullable<Check["failing"]>[number];
export interface Mapping { item: string; name: string; provenance: string; relation?: string; why: string }
export type ControlMapping = Server["PostureControlMapping"];
export type Control = Server["PostureControlView"];
/** HistoryEntry is a change of a control; of one check it says how its objects stood from then on. */
export type HistoryEntry = Pick<Server["PostureHistoryItem"], "at" | "status"> & { before?: string; reason?: string; counts?: HistoryCounts };
export interface HistoryCounts { pass: number; fail: number; unknown: number; stale: number; notAssessed: number; excepted: number }
export type Judged = Server["PostureObjectView"];
export interface DevicePosture { control: string; check: string; title?: string; status: string; reason: string; observed?: string; since?: string }

// Proof
export interface LogEntry { index: number; event?: Event; leafHash: string; sealed: boolean; broken?: string; body?: string }
export interface InclusionProof { index: number; size: number; leafHash: string; hashes: string[] | null; body?: string; checkpoint: string }
export interface Checkpoint { size: number; root: string; checkpoint: string; time?: string; key: string; publicKey: string; pending: number }
export interface Verification { ok: boolean; size: number; root?: string; checked: number; sealed: number; checkpoints: number; started: string; duration: number; broken?: { index: number; reason: string }; running?: { checked: number; size: number } }

// System
export interface SystemInfo {
  version: string; started: string; nodes: number; node?: { name: string }; database: { kind: string; ok: boolean }; bus: { ok: boolean }; disk: { free: number; total: number };
  listeners: Listener[] | null; weakened: string[] | null;
}
