import type * as audits from "./engagements";
import type * as findings from "./findings";
import type * as frameworks from "./frameworks";
import type { components } from "./generated/schema";
import type * as records from "./records";
import type * as risks from "./risks";
import type * as types from "./types";

// What the console reads is checked against what the server says it answers: the build fails where a generated answer no longer
// fits the shape that pages use. Nothing here exists at run time.
type Server = components["schemas"];
// Words that mean one of a few are plain text in a generated answer, so they are compared as such.
type Loose<T> = T extends string ? string : T extends (infer Each)[] ? Loose<Each>[] : T extends object ? { [Key in keyof T]: Loose<T[Key]> } : T;
type Fits<Mine, Theirs extends Loose<Mine>> = [Mine, Theirs];

export type Contract = [
  Fits<findings.Finding, Server["PostureFinding"]>, Fits<findings.FindingSummary, Server["PostureFindingSummary"]>, Fits<findings.FindingWhole, Server["PostureFindingDetail"]>,
  Fits<findings.Exception, Server["PostureException"]>, Fits<findings.WhatIf, Server["PostureWhatIfAnswer"]>, Fits<findings.Expiry, Server["PostureExpiry"]>,
  Fits<types.AsOf, Server["PostureAsOf"]>, Fits<types.PostureProof, Server["PostureProof"]>, Fits<types.ControlMapping, Server["PostureControlMapping"]>,
  Fits<frameworks.Framework, Server["PostureFrameworkSummary"]>, Fits<frameworks.Profile, Server["PostureProfileView"]>,
  Fits<risks.Matrix, Server["RiskMatrix"]>, Fits<risks.Risk, Server["RiskDetail"]>, Fits<risks.TrendDay, Server["RiskPoint"]>, Fits<risks.Scales, Server["RiskScales"]>,
  Fits<records.Duty, Server["RecordsOwed"]>, Fits<records.DutySummary, Server["RecordsDutySummary"]>, Fits<records.DueDay, Server["RecordsDue"]>, Fits<records.Item, Server["RecordsItem"]>,
  Fits<records.Entry, Server["RecordsEntry"]>, Fits<records.RegisterKind, Server["RecordsEntryKind"]>, Fits<records.RecordKind, Server["RecordsKindInfo"]>, Fits<records.RecordWhole, Server["RecordsDetail"]>,
  Fits<audits.Engagement, Server["EngagementEngagement"]>, Fits<audits.ExportPack, Server["ExportJob"]>, Fits<audits.Review, Server["PeopleReview"]>,
];
