package engagement

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

const (
	sampleMost  = 1000 // objects of one sample
	samplesMost = 500  // samples of one engagement
	seedBytes   = 16
)

// Sample is some of the objects of a control, chosen so that nobody can choose them: each object's rank is
// SHA-256(seed, newline, kind, "/", id) and those with the lowest ranks are taken. The seed stands in the audit log, so anybody
// can draw the sample again; and since an object's rank depends on nothing but the seed and itself, objects that came or
// went since change nothing about the others.
type Sample struct {
	N          int       `json:"n"`
	Control    string    `json:"control"`
	Check      string    `json:"check,omitempty"`
	Seed       string    `json:"seed"`
	Size       int       `json:"size" doc:"How many were wanted."`
	Population int       `json:"population" doc:"How many objects there were to choose from."`
	Digest     string    `json:"populationDigest" doc:"SHA-256 over the sorted ranks of all of them."`
	Drawn      time.Time `json:"drawn"`
	By         string    `json:"by"`
	Objects    []Drawn   `json:"objects"`
}

// Drawn is an object of a sample, with what the control's checks said of it at that moment.
type Drawn struct {
	Kind    string   `json:"kind"`
	ID      string   `json:"id"`
	Name    string   `json:"name,omitempty"`
	Rank    string   `json:"rank" doc:"SHA-256 of seed, newline, kind/id, hex."`
	Results []Result `json:"results"`
}

// Result is what one check said.
type Result struct {
	Check    string    `json:"check"`
	Status   string    `json:"status"`
	Reason   string    `json:"reason,omitempty"`
	Observed time.Time `json:"observed"`
}

// SampleRequest is what to draw. Without a seed one is made.
type SampleRequest struct {
	Control string `json:"control" maxLength:"32"`
	Check   string `json:"check,omitempty" maxLength:"128" doc:"Only objects that this check is about."`
	Size    int    `json:"size" minimum:"1" maximum:"1000"`
	Seed    string `json:"seed,omitempty" maxLength:"64" doc:"Letters, digits, dots and dashes, for instance from a public draw; made at random unless given."`
}

var seedForm = regexp.MustCompile(`^[A-Za-z0-9.-]{1,64}$`)

// Rank is an object's place in a drawing.
func Rank(seed, kind, id string) [sha256.Size]byte {
	return sha256.Sum256([]byte(seed + "\n" + kind + "/" + id))
}

// Draw takes a sample and writes its seed into the audit log.
func (s *Service) Draw(ctx context.Context, ref string, q SampleRequest) (Sample, error) {
	if q.Size < 1 || q.Size > sampleMost {
		return Sample{}, fleet.Invalid("size", fmt.Sprintf("want 1 to %d", sampleMost))
	}
	if q.Seed == "" {
		b := make([]byte, seedBytes)
		_, _ = rand.Read(b) // never fails: crypto/rand aborts the program instead
		q.Seed = hex.EncodeToString(b)
	}
	if !seedForm.MatchString(q.Seed) {
		return Sample{}, fleet.Invalid("seed", "want 1 to 64 letters, digits, dots or dashes")
	}
	e, err := s.Engagement(ctx, ref)
	if err != nil {
		return Sample{}, err
	}
	if err := e.in(q.Control); err != nil {
		return Sample{}, err
	}
	sm, err := s.draw(ctx, q)
	if err != nil {
		return Sample{}, err
	}
	sm.Drawn, sm.By = micro(s.Clock.Now()), access.PartyOf(ctx).Name
	err = s.writes(ctx, ref, func(tx *store.Tx, e *Engagement) error {
		if len(e.Samples) >= samplesMost {
			return fleet.Errorf(fleet.CodeConflict, "the engagement has %d samples, the most there may be", samplesMost)
		}
		sm.N = len(e.Samples) + 1
		if err := insertSample(tx, e.ID, sm); err != nil {
			return err
		}
		return s.record(ctx, tx, "engagement.sampled", *e, map[string]any{
			"control": sm.Control, "check": sm.Check, "seed": sm.Seed, "size": sm.Size, "sample": sm.N, "population": sm.Population, "populationDigest": sm.Digest, "objects": sm.ids(),
		})
	})
	return sm, err
}

func (sm Sample) ids() (out []string) {
	for _, o := range sm.Objects {
		out = append(out, o.Kind+"/"+o.ID)
	}
	return out
}

// ranked is an object while drawing.
type ranked struct {
	rank [sha256.Size]byte
	Drawn
}

// draw goes through the population once. Only ranks and the best objects so far are held.
func (s *Service) draw(ctx context.Context, q SampleRequest) (Sample, error) {
	ranks := map[[sha256.Size]byte]struct{}{}
	var best []ranked
	err := s.Posture.Objects(ctx, q.Control, q.Check, func(o Object) error {
		r := Rank(q.Seed, o.Kind, o.ID)
		ranks[r] = struct{}{}
		at, found := slices.BinarySearchFunc(best, r, func(b ranked, r [sha256.Size]byte) int { return bytes.Compare(b.rank[:], r[:]) })
		if !found {
			if at >= q.Size {
				return nil
			}
			best = slices.Insert(best, at, ranked{r, Drawn{Kind: o.Kind, ID: o.ID, Name: o.Name, Rank: hex.EncodeToString(r[:])}})
			best = best[:min(len(best), q.Size)]
		}
		best[at].Results = append(best[at].Results, Result{Check: o.Check, Status: o.Status, Reason: o.Reason, Observed: o.Observed.UTC()})
		return nil
	})
	if err != nil {
		return Sample{}, err
	}
	if len(ranks) == 0 {
		return Sample{}, fleet.Errorf(fleet.CodeConflict, "nothing is evaluated under %s now, so there is nothing to choose from", q.Control)
	}
	sm := Sample{Control: q.Control, Check: q.Check, Seed: q.Seed, Size: q.Size, Population: len(ranks), Digest: populationDigest(ranks)}
	for _, b := range best {
		slices.SortFunc(b.Results, func(x, y Result) int { return bytes.Compare([]byte(x.Check), []byte(y.Check)) })
		sm.Objects = append(sm.Objects, b.Drawn)
	}
	return sm, nil
}

func populationDigest(ranks map[[sha256.Size]byte]struct{}) string {
	sorted := make([][sha256.Size]byte, 0, len(ranks))
	for r := range ranks {
		sorted = append(sorted, r)
	}
	slices.SortFunc(sorted, func(a, b [sha256.Size]byte) int { return bytes.Compare(a[:], b[:]) })
	h := sha256.New()
	for _, r := range sorted {
		h.Write(r[:]) // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil))
}
