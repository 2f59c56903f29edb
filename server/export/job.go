package export

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

// Formats that a pack can hold.
const (
	OSCAL = "oscal"
	OCSF  = "ocsf"
	XLSX  = "xlsx"
	CSV   = "csv"
	PDF   = "pdf"
)

// Formats lists them all.
var Formats = []string{OSCAL, OCSF, XLSX, CSV, PDF}

const (
	queueMost = 10 // packs that wait
	keptMost  = 30 // packs on disk
)

// Scope narrows a pack. Empty: everything.
type Scope struct {
	Domains   []string `json:"domains,omitempty" maxItems:"64"`
	Controls  []string `json:"controls,omitempty" maxItems:"500"`
	System    string   `json:"system,omitempty" maxLength:"128" doc:"Devices, findings, records and risks of this system. A control's status is always that of the whole installation."`
	Framework string   `json:"framework,omitempty" maxLength:"64" doc:"Controls that its items relate to."`
}

// Order is what somebody asks for.
type Order struct {
	Formats    []string   `json:"formats" minItems:"1" maxItems:"5" enum:"oscal,ocsf,xlsx,csv,pdf"`
	Scope      Scope      `json:"scope,omitempty"`
	At         *time.Time `json:"at,omitempty" doc:"A past moment; left out: now."`
	Engagement string     `json:"engagement,omitempty" maxLength:"64" doc:"The engagement that it is for."`
}

// Job is a pack in the making, or made.
type Job struct {
	ID         string      `json:"id"`
	State      string      `json:"state" enum:"queued,running,done,failed,gone" doc:"gone: made, and removed since."`
	Order      Order       `json:"order"`
	Progress   Progress    `json:"progress"`
	Files      []File      `json:"files"`
	Checkpoint *Checkpoint `json:"checkpoint,omitempty"`
	Figures    *Figures    `json:"figures,omitempty" doc:"The figures that every file of the pack shows."`
	Created    time.Time   `json:"created"`
	By         string      `json:"by"`
	Ended      *time.Time  `json:"ended,omitempty"`
	Expires    *time.Time  `json:"expires,omitempty" doc:"Until when it can be fetched."`
	Reason     string      `json:"reason,omitempty" doc:"Why it failed."`
	bodies     bool
	attempts   int
	node       string     // that makes it
	moment     *time.Time // that an attempt has read, where none was asked for
}

// Progress is how far a pack is.
type Progress struct {
	Done  int    `json:"done"`
	Total int    `json:"total"`
	Step  string `json:"step"`
}

// File is a file of a pack.
type File struct {
	Name   string `json:"name"`
	Media  string `json:"media"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// The states of a job.
const (
	queued  = "queued"
	running = "running"
	done    = "done"
	failed  = "failed"
	gone    = "gone"
)

// Ask puts a pack into the queue. bodies says that whoever asks may read the audit log, so that proofs carry their entries.
func (s *Service) Ask(ctx context.Context, o Order, bodies bool) (Job, error) {
	if err := s.check(ctx, &o); err != nil {
		return Job{}, err
	}
	by := access.PartyOf(ctx)
	if by.Name == "" {
		by.Name = "the server"
	}
	j := Job{ID: id.New(), State: queued, Order: o, Created: s.Clock.Now().Truncate(time.Microsecond), By: by.Name, Files: []File{}, bodies: bodies}
	err := s.DB.Change(ctx, func(tx *store.Tx) error {
		var waiting int
		if err := tx.QueryRow("SELECT count(*) FROM export_job WHERE state IN (?, ?)", queued, running).Scan(&waiting); err != nil {
			return err
		}
		if waiting >= queueMost {
			return &fleet.Error{Code: fleet.CodeUnavailable, Message: fmt.Sprintf("%d exports are in work or waiting: ask again when one is done", waiting), RetryAfter: time.Minute}
		}
		if err := insertJob(tx, j, by); err != nil {
			return err
		}
		tx.OnCommit(s.notify)
		return s.Audit.Record(tx, fleet.NewEvent("export.created", j.Created, by, fleet.Party{Kind: "export", ID: j.ID}, map[string]any{
			"export": j.ID, "formats": o.Formats, "scope": o.Scope, "at": o.At, "engagement": o.Engagement,
		}))
	})
	if err != nil {
		return Job{}, err
	}
	return s.Job(ctx, j.ID)
}

func (s *Service) notify() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Service) check(ctx context.Context, o *Order) error {
	if len(o.Formats) == 0 {
		return fleet.Invalid("formats", fmt.Sprintf("want at least one of %v", Formats))
	}
	for i, f := range o.Formats {
		if !slices.Contains(Formats, f) {
			return fleet.Invalid(fmt.Sprintf("formats[%d]", i), fmt.Sprintf("want one of %v", Formats))
		}
	}
	slices.Sort(o.Formats)
	o.Formats = slices.Compact(o.Formats)
	if o.At != nil && o.At.After(s.Clock.Now()) {
		return fleet.Invalid("at", "lies in the future: leave it out for now")
	}
	if o.Engagement != "" {
		if s.Readers.Engagements == nil {
			return fleet.Invalid("engagement", "there are no engagements here")
		}
		ok, err := s.Readers.Engagements.Has(ctx, o.Engagement)
		if err != nil {
			return err
		}
		if !ok {
			return fleet.Invalid("engagement", "there is no such engagement: thingward engagement list shows them")
		}
	}
	snap, err := s.Readers.Posture.Snapshot(ctx, time.Time{})
	if err != nil {
		return err
	}
	_, err = chosen(snap, o.Scope)
	return err
}

// Job shows a job, with its progress while it is in work.
func (s *Service) Job(ctx context.Context, ref string) (Job, error) {
	j, err := s.readJob(ctx, ref)
	if err != nil {
		return j, err
	}
	s.progress(&j)
	return j, nil
}

func (s *Service) progress(j *Job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case j.ID == s.running:
		j.Progress = s.at
	case j.State == done || j.State == gone:
		j.Progress = Progress{Done: 1, Total: 1, Step: "done"}
	case j.State == running && j.Progress.Total > 0: // another node makes it, and said how far it is
	default:
		j.Progress = Progress{Total: 1, Step: j.State}
	}
}

// Has tells whether there is such an export.
func (s *Service) Has(ctx context.Context, ref string) (bool, error) {
	_, err := s.readJob(ctx, ref)
	if fleet.CodeOf(err) == fleet.CodeNotFound {
		return false, nil
	}
	return err == nil, err
}
