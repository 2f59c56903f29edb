// Package engagement is the auditor's work on the platform: an engagement has a period, a scope and named auditors; samples
// that anybody can draw again, requests with their answers, a conclusion for each control, and a sign-off that binds all of it
// to the audit log. Auditors write, everybody else answers, and what is signed never changes.
package engagement

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/provable"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/store"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Control is a control as far as an engagement needs it.
type Control struct {
	ID     string
	Title  string
	Domain string
	Status string
}

// Object is what one check says about one subject.
type Object struct {
	Check    string
	Kind, ID string
	Name     string
	Status   string
	Reason   string
	Observed time.Time
}

// Posture shows where controls stand and what their checks say of each subject.
type Posture interface {
	Controls(ctx context.Context) ([]Control, error)
	// InFramework lists the controls that a framework's items relate to; CodeNotFound when there is no such framework.
	InFramework(ctx context.Context, framework string) ([]string, error)
	// Objects hands over every observation of a control, of one check where check is not empty, in any order.
	Objects(ctx context.Context, control, check string, fn func(Object) error) error
}

// Accounts finds the accounts of auditors.
type Accounts interface {
	Account(ctx context.Context, ref string) (access.Account, error)
}

// Checkpoints gives the log's last signed checkpoint.
type Checkpoints interface {
	Checkpoint(ctx context.Context) (provable.Checkpoint, error)
}

// Evidence tells whether what an answer refers to exists: the id of a record, or of an export.
type Evidence interface {
	HasRecord(ctx context.Context, id string) (bool, error)
	HasExport(ctx context.Context, id string) (bool, error)
}

// Config is what a Service needs. Evidence may be nil: answers then refer to nothing.
type Config struct {
	DB       *store.DB
	Audit    *audit.Log
	Clock    clock.Clock
	Log      *slog.Logger
	Posture  Posture
	Accounts Accounts
	Evidence Evidence
}

// Service keeps engagements.
type Service struct {
	Config
	checkpoints Checkpoints
}

// New brings the tables up to date.
func New(ctx context.Context, c Config) (*Service, error) {
	migrations, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	return &Service{Config: c, checkpoints: c.Audit}, c.DB.Migrate(ctx, "engagement", migrations)
}

// Scope says which controls are under audit. Empty: all of them.
type Scope struct {
	Domains    []string `json:"domains,omitempty" maxItems:"64" doc:"Such as COM."`
	Controls   []string `json:"controls,omitempty" maxItems:"500" doc:"Such as COM-01."`
	Frameworks []string `json:"frameworks,omitempty" maxItems:"20" doc:"Controls that a framework's items relate to."`
}

// Auditor is an account that may write in the engagement.
type Auditor struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	Expires *time.Time `json:"expires,omitempty" doc:"When the account ends by itself."`
	Active  bool       `json:"active" doc:"It can sign in now."`
}

// Engagement is one audit.
type Engagement struct {
	ID         string       `json:"id"`
	Title      string       `json:"title"`
	System     string       `json:"system,omitempty"`
	From       time.Time    `json:"from" doc:"Begin of the period under audit."`
	To         time.Time    `json:"to"`
	Ends       time.Time    `json:"ends" doc:"Until when the auditors work."`
	State      string       `json:"state" enum:"open,over,signed" doc:"over: past its end and not signed."`
	Scope      Scope        `json:"scope"`
	Controls   []string     `json:"controls" doc:"The controls that the scope means."`
	Auditors   []Auditor    `json:"auditors"`
	OpenEnded  []string     `json:"openAccounts,omitempty" doc:"Auditors whose accounts have no end: give each one with thingward account expire."`
	Created    time.Time    `json:"created"`
	CreatedBy  string       `json:"createdBy"`
	Changed    time.Time    `json:"changed"`
	Progress   Progress     `json:"progress"`
	Samples    []Sample     `json:"samples,omitempty"`
	Requests   []Request    `json:"requests,omitempty"`
	Conclusion []Conclusion `json:"conclusions,omitempty"`
	Signature  *Signature   `json:"signature,omitempty"`
	version    int64
}

// Progress is how far an engagement is.
type Progress struct {
	Controls  int `json:"controls"`
	Concluded int `json:"concluded"`
	Samples   int `json:"samples"`
	Requests  int `json:"requests"`
	Open      int `json:"openRequests" doc:"Asked or returned, and to be answered."`
	Overdue   int `json:"overdueRequests"`
	ToJudge   int `json:"answersToJudge"`
}

// Signature is a sign-off.
type Signature struct {
	At         time.Time `json:"at"`
	By         string    `json:"by"`
	Statement  string    `json:"statement"`
	Digest     string    `json:"digest" doc:"SHA-256 (hex) of the engagement's canonical JSON; it stands in the audit log."`
	Checkpoint string    `json:"checkpoint" doc:"The log's signed checkpoint at that moment."`
	Intact     bool      `json:"intact" doc:"What is stored now still gives the digest."`
}

// record writes the audit entry of a change.
func (s *Service) record(ctx context.Context, tx *store.Tx, typ string, e Engagement, data map[string]any) error {
	data["engagement"] = e.ID
	return s.Audit.Record(tx, fleet.NewEvent(typ, s.Clock.Now(), access.PartyOf(ctx), fleet.Party{Kind: "engagement", ID: e.ID, Name: e.Title}, data))
}
