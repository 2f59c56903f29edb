package records

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/store"
)

const (
	// FileMost is the largest evidence file.
	FileMost  = 25 << 20
	filesMost = 50 // of one record
	linkMost  = 2000
)

var mediaType = regexp.MustCompile(`^[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}$`)

// Attach adds a file to a draft. Its content is stored sealed, in the transaction that records its hash.
func (s *Service) Attach(ctx context.Context, record, name, media string, content []byte) (Evidence, error) {
	sum := sha256.Sum256(content)
	e := Evidence{Name: strings.TrimSpace(name), Media: media, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}
	if e.Media == "" {
		e.Media = "application/octet-stream"
	}
	err := fileFaults(e)
	if err == nil {
		return s.addEvidence(ctx, record, e, content)
	}
	return e, s.refused(ctx, "", "evidence", record, err)
}

func fileFaults(e Evidence) error {
	switch {
	case e.Size == 0:
		return fleet.Invalid("file", "is empty: attach what shows that the work was done")
	case e.Size > FileMost:
		return fleet.Invalid("file", fmt.Sprintf("has %d bytes, more than the %d allowed: keep it elsewhere and attach a link with its SHA-256", e.Size, FileMost))
	case !mediaType.MatchString(e.Media):
		return fleet.Invalid("media", "is no media type: want such as application/pdf")
	}
	return nil
}

// AttachLink adds a link to a draft. sum is the SHA-256 (hex) of what is behind it, which the server never fetches: without
// it nobody can later say that it is still the same.
func (s *Service) AttachLink(ctx context.Context, record, name, link, sum string) (Evidence, error) {
	e := Evidence{Name: strings.TrimSpace(name), Link: strings.TrimSpace(link), SHA256: strings.ToLower(sum)}
	if e.Name == "" {
		e.Name = clip(e.Link)
	}
	err := linkFaults(e)
	if err == nil {
		return s.addEvidence(ctx, record, e, nil)
	}
	return e, s.refused(ctx, "", "evidence", record, err)
}

func linkFaults(e Evidence) error {
	u, err := url.Parse(e.Link)
	switch {
	case err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || len(e.Link) > linkMost || !lineText.MatchString(e.Link):
		return fleet.Invalid("link", "want an https address without user name or password")
	case e.SHA256 != "" && !hexSum.MatchString(e.SHA256):
		return fleet.Invalid("sha256", "want the SHA-256 of the content, as 64 hexadecimal digits")
	}
	return nil
}

var hexSum = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (s *Service) addEvidence(ctx context.Context, record string, e Evidence, content []byte) (Evidence, error) {
	r, k, err := s.find(ctx, record)
	if err == nil {
		e, err = s.addTo(ctx, &r, k, e, content)
	}
	return e, s.refused(ctx, r.Kind, "evidence", record, err)
}

func (s *Service) addTo(ctx context.Context, r *stored, k Kind, e Evidence, content []byte) (Evidence, error) {
	if err := r.open("given evidence"); err != nil {
		return e, err
	}
	if err := need("name", e.Name, "name the file", nameMost); err != nil {
		return e, err
	}
	switch {
	case e.Link == "" && strings.ContainsAny(e.Name, `/\`):
		return e, fleet.Invalid("name", "is a path: give the file's own name")
	case slices.ContainsFunc(r.Evidence, func(o Evidence) bool { return o.Name == e.Name }):
		return e, fleet.Errorf(fleet.CodeConflict, "the record has evidence named %s already: choose another name, or remove it first", quoted(e.Name))
	case len(r.Evidence) >= filesMost:
		return e, fleet.Errorf(fleet.CodeConflict, "the record has %d files and links already: put several into one archive", filesMost)
	}
	facts, err := k.readNew(e, content)
	if err != nil {
		return e, err
	}
	e.ID, e.Added, e.By, e.Read = id.New(), s.Clock.Now(), caller(ctx), facts
	err = s.change(ctx, false, func(tx *store.Tx) error {
		next := *r
		next.toDraft(e.By, e.Added)
		next.Evidence = append(slices.Clone(next.Evidence), e)
		if err := next.remeasure(k); err != nil {
			return err
		}
		if err := updateRecord(tx, &next); err != nil {
			return err
		}
		if err := insertEvidence(tx, r.ID, e); err != nil {
			return err
		}
		if err := s.keep(tx, e.ID, content); err != nil {
			return err
		}
		return s.step(ctx, tx, &next, "evidence.added", map[string]any{"file": e.Name, "evidence": e.ID, "sha256": e.SHA256})
	})
	return e, err
}

// Remove takes evidence off a draft.
func (s *Service) Remove(ctx context.Context, record, evidence string) error {
	r, k, err := s.find(ctx, record)
	if err == nil {
		err = s.removeFrom(ctx, &r, k, evidence)
	}
	return s.refused(ctx, r.Kind, "evidence", record, err)
}

func (s *Service) removeFrom(ctx context.Context, r *stored, k Kind, evidence string) error {
	e, err := r.evidence(evidence)
	if err != nil {
		return err
	}
	if err := r.open("relieved of evidence"); err != nil {
		return err
	}
	return s.change(ctx, false, func(tx *store.Tx) error {
		next := *r
		next.toDraft(caller(ctx), s.Clock.Now())
		next.Evidence = slices.DeleteFunc(slices.Clone(next.Evidence), func(o Evidence) bool { return o.ID == e.ID })
		if err := next.remeasure(k); err != nil {
			return err
		}
		if err := updateRecord(tx, &next); err != nil {
			return err
		}
		if err := deleteEvidence(tx, e.ID); err != nil {
			return err
		}
		return s.step(ctx, tx, &next, "evidence.removed", map[string]any{"file": e.Name, "evidence": e.ID, "sha256": e.SHA256})
	})
}

func (r *stored) evidence(id string) (Evidence, error) {
	for _, e := range r.Evidence {
		if e.ID == id {
			return e, nil
		}
	}
	return Evidence{}, fleet.Errorf(fleet.CodeNotFound, "the record has no evidence %s", quoted(id))
}

// File reads an evidence file. Content that is not what was attached is never handed out.
func (s *Service) File(ctx context.Context, record, evidence string) (Evidence, []byte, error) {
	r, err := findRecord(s.reader(ctx), record)
	if err != nil {
		return Evidence{}, nil, err
	}
	e, err := r.evidence(evidence)
	if err != nil {
		return e, nil, err
	}
	if e.Link != "" {
		return e, nil, fleet.Errorf(fleet.CodeConflict, "this evidence is a link: open %s itself, and compare its SHA-256 with %s", e.Link, e.SHA256)
	}
	content := make([]byte, 0, min(e.Size, FileMost))
	wrong, err := s.content(ctx, e, func(piece []byte) { content = append(content, piece...) })
	if err != nil {
		return e, nil, err
	}
	if wrong != "" {
		s.tellAltered(ctx, &r, wrong, e)
		return e, nil, fleet.Errorf(fleet.CodeConflict, "%s: restore it from a backup of the database, or begin a new version with a good copy", wrong)
	}
	return e, content, nil
}
