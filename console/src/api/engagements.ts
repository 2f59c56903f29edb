import type { Server } from "./server";

// An auditor's engagements, the packs that are exported for them, and access reviews.

export type EngagementScope = Server["EngagementScope"];
export type Drawn = Server["EngagementDrawn"];
export type Sample = Server["EngagementSample"];
export type Turn = Server["EngagementTurn"];
export type Request = Server["EngagementRequest"];
export type Conclusion = Server["EngagementConclusion"];
export type Verdict = Conclusion["conclusion"];
export type Engagement = Server["EngagementEngagement"];
export type ExportFile = Server["ExportFile"];
export type ExportOrder = Server["ExportOrder"];
export type ExportPack = Server["ExportJob"];
export type ReviewLine = Server["PeopleLine"];
export type Review = Server["PeopleReview"];
