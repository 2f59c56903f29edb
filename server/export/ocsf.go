package export

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// ocsfVersion is the schema that the lines follow: Compliance Finding, class 2003.
const ocsfVersion = "1.5.0"

// complianceFinding is one line (OCSF 1.5, class 2003).
type complianceFinding struct {
	ActivityID   int            `json:"activity_id"`
	ActivityName string         `json:"activity_name"`
	CategoryUID  int            `json:"category_uid"`
	CategoryName string         `json:"category_name"`
	ClassUID     int            `json:"class_uid"`
	ClassName    string         `json:"class_name"`
	TypeUID      int            `json:"type_uid"`
	TypeName     string         `json:"type_name"`
	Time         int64          `json:"time"` // milliseconds
	SeverityID   int            `json:"severity_id"`
	Severity     string         `json:"severity"`
	StatusID     int            `json:"status_id"`
	Status       string         `json:"status"`
	Message      string         `json:"message,omitempty"`
	Metadata     ocsfMetadata   `json:"metadata"`
	Info         findingInfo    `json:"finding_info"`
	Compliance   ocsfCompliance `json:"compliance"`
	Resources    []ocsfResource `json:"resources,omitempty"`
	Unmapped     map[string]any `json:"unmapped,omitempty"`
}

type ocsfMetadata struct {
	Version string      `json:"version"`
	Product ocsfProduct `json:"product"`
	UID     string      `json:"uid"`
}

type ocsfProduct struct {
	Name    string `json:"name"`
	Vendor  string `json:"vendor_name"`
	Version string `json:"version"`
}

type findingInfo struct {
	UID       string   `json:"uid"`
	Title     string   `json:"title"`
	Desc      string   `json:"desc,omitempty"`
	Created   int64    `json:"created_time,omitempty"`
	FirstSeen int64    `json:"first_seen_time,omitempty"`
	Types     []string `json:"types,omitempty"`
}

type ocsfCompliance struct {
	Control      string   `json:"control"`
	Standards    []string `json:"standards"`
	Requirements []string `json:"requirements,omitempty"`
	Status       string   `json:"status"`
	StatusID     int      `json:"status_id"`
	StatusDetail string   `json:"status_detail,omitempty"`
	StatusCode   string   `json:"status_code,omitempty"`
}

type ocsfResource struct {
	UID  string `json:"uid"`
	Name string `json:"name,omitempty"`
	Type string `json:"type"`
}

// complianceOf is OCSF's view of a status: 1 pass, 2 warning, 3 fail, 0 unknown, 99 other.
func complianceOf(status string) (id int, name string) {
	switch status {
	case "pass":
		return 1, "Pass"
	case "fail", "excepted":
		return 3, "Fail"
	case "stale":
		return 2, "Warning"
	case "unknown", "not-assessed":
		return 0, "Unknown"
	default:
		return 99, "Other"
	}
}

var ocsfSeverities = map[string]int{"info": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}

// writeOCSF writes a line for each control and a line for each open finding.
func (p *pack) writeOCSF(ctx context.Context) error {
	return p.file("compliance-findings.ocsf.jsonl", "application/x-ndjson", func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		byID := map[string]*Control{}
		for i := range p.controls {
			byID[p.controls[i].ID] = &p.controls[i]
			if err := enc.Encode(p.ocsfControl(&p.controls[i])); err != nil {
				return err
			}
		}
		n := 0
		return p.findings.each(func(f Finding) error {
			n++
			if err := p.tick(ctx, fmt.Sprintf("writing ocsf: findings (%d)", n), n); err != nil {
				return err
			}
			return enc.Encode(p.ocsfFinding(f, byID[f.Control]))
		})
	})
}

// line fills in what all lines have.
func (p *pack) line(uid string, severity string) complianceFinding {
	id, ok := ocsfSeverities[severity]
	if !ok {
		id, severity = 0, "unknown"
	}
	return complianceFinding{
		ActivityID: 1, ActivityName: "Create", CategoryUID: 2, CategoryName: "Findings", ClassUID: 2003, ClassName: "Compliance Finding", TypeUID: 200301, TypeName: "Compliance Finding: Create",
		Time: p.at.UnixMilli(), SeverityID: id, Severity: strings.ToUpper(severity[:1]) + severity[1:],
		Metadata: ocsfMetadata{Version: ocsfVersion, Product: ocsfProduct{"Thingward", "Thingward", p.Version}, UID: uid},
	}
}

func (p *pack) ocsfControl(c *Control) complianceFinding {
	l := p.line(p.job.ID+"/"+c.ID, "info")
	id, name := complianceOf(c.Status)
	l.StatusID, l.Status = 1, "New"
	switch c.Status {
	case "pass":
		l.StatusID, l.Status = 4, "Resolved"
	case "excepted":
		l.StatusID, l.Status = 3, "Suppressed"
	}
	l.Message = c.Reason
	l.Info = findingInfo{UID: c.Key, Title: c.ID + " " + c.Title, Desc: c.Statement, Created: millis(c.Since), Types: []string{"control"}}
	l.Compliance = ocsfCompliance{Control: c.ID, Standards: []string{"CSA IoT Controls Framework"}, Requirements: obligationsOf(c), Status: name, StatusID: id, StatusDetail: c.Reason, StatusCode: c.Status}
	if c.Proof != nil {
		l.Unmapped = map[string]any{"audit_entry": c.Proof.Index, "audit_leaf_hash": c.Proof.Leaf}
	}
	return l
}

func obligationsOf(c *Control) (out []string) {
	for _, o := range c.Obligations {
		out = append(out, o.Key)
	}
	return out
}

func (p *pack) ocsfFinding(f Finding, c *Control) complianceFinding {
	l := p.line(f.ID, f.Severity)
	l.StatusID, l.Status = 1, "New"
	if f.State == "excepted" {
		l.StatusID, l.Status = 3, "Suppressed"
	}
	l.Message = f.Reason
	l.Info = findingInfo{UID: f.ID, Title: f.Title, Desc: f.Reason, Created: millis(f.Opened), FirstSeen: millis(f.Opened), Types: []string{"finding"}}
	l.Compliance = ocsfCompliance{Control: f.Control, Standards: []string{"CSA IoT Controls Framework"}, Status: "Fail", StatusID: 3, StatusDetail: f.Reason, StatusCode: "fail"}
	for _, k := range c.Checks {
		if k.ID == f.Check {
			l.Compliance.Requirements = []string{k.Obligation}
		}
	}
	l.Resources = []ocsfResource{{UID: f.Subject, Name: f.Name, Type: f.Kind}}
	l.Unmapped = map[string]any{"check": f.Check, "owner": f.Owner, "due": stamp(f.Due), "overdue": f.Overdue, "exception": f.Exception}
	return l
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
