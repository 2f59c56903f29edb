package posture

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/posture/catalogue"
	"github.com/thingward/thingward/server/posture/upload"
	"github.com/thingward/thingward/server/store"
)

// mostImported bounds how many frameworks operators may bring.
const mostImported = 50

// Import is a framework that an operator brings: the file, and what the file may leave open.
type Import struct {
	Data                      []byte
	ID, Name, Summary, Source string // where empty, taken from the file
	Date                      string
	DryRun                    bool
}

// Imported says what an import did, or would do.
type Imported struct {
	FrameworkSummary
	Created  bool     `json:"created"`
	Changed  bool     `json:"changed"`
	Added    []string `json:"added"`    // identifiers of items that are new
	Removed  []string `json:"removed"`  // of items that are gone; their mappings end
	Mappings int      `json:"mappings"` // operators' mappings that the file makes
	Ended    int      `json:"ended"`    // operators' mappings that end because their item is gone
	DryRun   bool     `json:"dryRun"`
}

var slugs = regexp.MustCompile(`[^a-z0-9]+`)

// ImportFramework reads a file and makes it a framework, or the next edition of one that was imported before. Everything is
// checked before anything is written.
func (s *Service) ImportFramework(ctx context.Context, in Import) (Imported, error) {
	file, err := upload.Read(in.Data, func(id string) bool { _, ok := s.Catalogue.Control(id); return ok && len(id) == 6 })
	if err != nil {
		return Imported{}, err
	}
	in.Name = cmp.Or(strings.TrimSpace(in.Name), file.Title)
	in.Source = cmp.Or(strings.TrimSpace(in.Source), file.Edition)
	in.Date = cmp.Or(strings.TrimSpace(in.Date), file.Date)
	in.ID = cmp.Or(strings.TrimSpace(in.ID), strings.Trim(slugs.ReplaceAllString(strings.ToLower(in.Name), "-"), "-"))
	if err := s.checkImport(in); err != nil {
		return Imported{}, err
	}
	if in.DryRun {
		return s.planImport(s.reader(ctx), in, file, s.Clock.Now())
	}
	var out Imported
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		now := s.Clock.Now()
		if out, err = s.planImport(tx, in, file, now); err != nil {
			return err
		}
		if err := s.writeImport(ctx, tx, in, file, out, now); err != nil {
			return err
		}
		return s.Audit.Record(tx, fleet.NewEvent("framework.imported", now, access.PartyOf(ctx), frameworkParty(in.ID, in.Name),
			map[string]any{"framework": in.ID, "items": len(file.Items), "added": len(out.Added), "removed": len(out.Removed), "mappings": out.Mappings}))
	})
	return out, err
}

func frameworkParty(id, name string) fleet.Party {
	return fleet.Party{Kind: "framework", ID: id, Name: name}
}

var (
	frameworkIDs = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	someDate     = regexp.MustCompile(`^([12]\d\d\d(-\d\d(-\d\d)?)?)?$`)
)

// checkImport refuses what names the framework badly.
func (s *Service) checkImport(in Import) error {
	e := fleet.Errorf(fleet.CodeInvalid, "the input is not valid")
	add := func(path, message string) {
		e.Fields = append(e.Fields, fleet.FieldError{Path: path, Message: message})
	}
	_, shipped := s.Catalogue.Framework(in.ID)
	switch {
	case shipped || in.ID == catalogue.FrameworkID:
		add("id", fmt.Sprintf("%s comes with the program and cannot be replaced: choose another id", in.ID))
	case len(in.ID) > 64 || !frameworkIDs.MatchString(in.ID):
		add("id", "want 1 to 64 lower-case letters, digits and single hyphens: give one as ?id=")
	}
	for _, f := range []struct {
		path, text string
		most       int
	}{{"name", in.Name, 200}, {"summary", in.Summary, 1000}, {"source", in.Source, 300}} {
		if len(f.text) > f.most || strings.ContainsFunc(f.text, unicode.IsControl) {
			add(f.path, fmt.Sprintf("want at most %d characters on one line", f.most))
		}
	}
	if in.Name == "" {
		add("name", "is missing: the file has no title; give one as ?name=")
	}
	if !someDate.MatchString(in.Date) {
		add("date", "want a date such as 2024-11-20, 2024-11 or 2024")
	}
	if len(e.Fields) > 0 {
		return e
	}
	return nil
}

// planImport compares a file with what there is.
func (s *Service) planImport(r reading, in Import, file upload.Framework, now time.Time) (Imported, error) {
	before, items, existed, err := oneImported(r, in.ID, store.Time(now))
	if err != nil {
		return Imported{}, err
	}
	_, digest, err := packItems(file.Items)
	if err != nil {
		return Imported{}, err
	}
	present, err := ownMappings(r, in.ID, store.Time(now))
	if err != nil {
		return Imported{}, err
	}
	out := Imported{Created: !existed, DryRun: in.DryRun, Added: missing(file.Items, items), Removed: missing(items, file.Items)}
	out.FrameworkSummary = FrameworkSummary{ID: in.ID, Name: in.Name, Summary: in.Summary, Source: in.Source, Date: in.Date, Items: len(file.Items), Imported: true, Provenances: []catalogue.Provenance{}}
	out.Changed = !existed || before.digest != digest || before.name != in.Name || before.summary != in.Summary || before.edition != in.Source || before.date != in.Date
	kept := map[upload.Pair]bool{}
	for _, m := range present {
		if slices.Contains(out.Removed, m.Item) {
			out.Ended++
		} else {
			kept[upload.Pair{Item: m.Item, Control: m.Control}] = true
		}
	}
	for _, p := range file.Pairs {
		if !kept[p] {
			out.Mappings++
		}
	}
	if len(kept)+out.Mappings > 0 {
		out.Provenances = append(out.Provenances, catalogue.Operator)
	}
	if !existed {
		all, err := importedAt(r, store.Time(now))
		if err == nil && len(all) >= mostImported {
			err = fleet.Errorf(fleet.CodeConflict, "there are %d imported frameworks, which is the most: delete one first", len(all))
		}
		return out, err
	}
	return out, nil
}

// missing lists the identifiers of all that are not in others.
func missing(all, others []catalogue.Item) []string {
	there := map[string]bool{}
	for _, i := range others {
		there[i.ID] = true
	}
	out := []string{}
	for _, i := range all {
		if !there[i.ID] {
			out = append(out, i.ID)
		}
	}
	return out
}

// writeImport carries a plan out.
func (s *Service) writeImport(ctx context.Context, tx *store.Tx, in Import, file upload.Framework, plan Imported, now time.Time) error {
	at, who := store.Time(now), access.PartyOf(ctx).Name
	body, digest, err := packItems(file.Items)
	if err != nil {
		return err
	}
	if plan.Changed {
		if err := endFramework(tx, in.ID, at); err != nil {
			return err
		}
		f := imported{id: in.ID, name: in.Name, summary: in.Summary, edition: in.Source, date: in.Date, who: who, digest: digest, items: len(file.Items), since: at}
		if err := insertFramework(tx, f, body); err != nil {
			if store.IsUnique(err) {
				return fleet.Errorf(fleet.CodeConflict, "%s was imported this very moment: try again", in.ID)
			}
			return err
		}
	}
	if len(plan.Removed) > 0 {
		for _, item := range plan.Removed {
			if _, err := tx.Exec("UPDATE posture_mapping SET until = ? WHERE framework = ? AND item = ? AND until = 0", at, in.ID, item); err != nil {
				return err
			}
		}
	}
	present, err := ownMappings(tx, in.ID, at)
	if err != nil {
		return err
	}
	there := map[upload.Pair]bool{}
	for _, m := range present {
		there[upload.Pair{Item: m.Item, Control: m.Control}] = true
	}
	for _, p := range file.Pairs {
		if there[p] {
			continue
		}
		m := own{Mapping: catalogue.Mapping{Item: p.Item, Control: p.Control, Why: "named in the imported file"}, Who: who, Since: now}
		if err := insertMapping(tx, in.ID, m); err != nil {
			return err
		}
	}
	return nil
}

// DeleteFramework ends an imported framework and its mappings. What was shown of it in the past can still be shown.
func (s *Service) DeleteFramework(ctx context.Context, id string) error {
	if _, shipped := s.Catalogue.Framework(id); shipped {
		return fleet.Errorf(fleet.CodeConflict, "%s comes with the program and cannot be deleted", id)
	}
	return s.DB.Change(ctx, func(tx *store.Tx) error {
		now := s.Clock.Now()
		f, _, ok, err := oneImported(tx, id, store.Time(now))
		if err == nil && !ok {
			err = fleet.Errorf(fleet.CodeNotFound, "there is no imported framework %q: GET /api/v1/frameworks lists what there is", clipID(id))
		}
		if err != nil {
			return err
		}
		if err := endFramework(tx, id, store.Time(now)); err != nil {
			return err
		}
		if _, err := tx.Exec("UPDATE posture_mapping SET until = ? WHERE framework = ? AND until = 0", store.Time(now), id); err != nil {
			return err
		}
		return s.Audit.Record(tx, fleet.NewEvent("framework.deleted", now, access.PartyOf(ctx), frameworkParty(id, f.name), map[string]any{"framework": id, "items": f.items}))
	})
}
