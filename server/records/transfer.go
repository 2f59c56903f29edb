package records

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/store"
)

const (
	// ImportMost is the largest file that is imported.
	ImportMost    = 5 << 20
	importRecords = 1000
	importDepth   = 12
	transferForm  = "thingward-records/1"
	exportBatch   = 200
)

// Transfer is the file format of exports and imports.
type Transfer struct {
	Format   string        `json:"format"`
	Exported time.Time     `json:"exported,omitzero"`
	Records  []Transferred `json:"records"`
}

// Transferred is a record in a file: whole, with the digest that stands in the audit log. An import takes kind, object, owner
// and body, and refuses a record whose digest is not its own.
type Transferred struct {
	Record
	ETag int `json:"-"`
}

// Export writes records with their hashes, oldest first: all, or those of one kind. Evidence is listed with its hash; the files
// are read one by one.
func (s *Service) Export(ctx context.Context, kind string, w io.Writer) error {
	if _, err := fmt.Fprintf(w, `{"format":%q,"exported":%q,"records":[`, transferForm, s.Clock.Now().Format(time.RFC3339Nano)); err != nil {
		return err
	}
	sep := ""
	for after := ""; ; {
		where, args := whereText([]clause{equals("r.kind", kind), {"r.id > ?", []any{after}}})
		all, err := readRecords(s.reader(ctx), where+" ORDER BY r.id LIMIT ?", append(args, exportBatch)...)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			break
		}
		if err := s.compareAndTell(ctx, all); err != nil {
			return err
		}
		for _, r := range all {
			raw, err := json.Marshal(r.Record)
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(w, "%s\n%s", sep, raw); err != nil {
				return err
			}
			sep = ","
		}
		after = all[len(all)-1].ID
	}
	_, err := io.WriteString(w, "\n]}\n")
	return err
}

// parseTransfer reads a file that a stranger may have made: bounded in size, depth and number.
func parseTransfer(raw []byte) (Transfer, error) {
	var t Transfer
	if len(raw) > ImportMost {
		return t, fleet.Invalid("file", fmt.Sprintf("has %d bytes, more than the %d allowed: import it in parts", len(raw), ImportMost))
	}
	if err := shallow(raw, importDepth); err != nil {
		return t, fleet.Invalid("file", err.Error())
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if err := dec.Decode(&t); err != nil {
		return t, fleet.Invalid("file", "is no export of records: "+clip(err.Error()))
	}
	switch _, err := dec.Token(); {
	case !errors.Is(err, io.EOF):
		return t, fleet.Invalid("file", "goes on behind its end: want one JSON object")
	case t.Format != transferForm:
		return t, fleet.Invalid("format", "want "+transferForm)
	case len(t.Records) == 0 || len(t.Records) > importRecords:
		return t, fleet.Invalid("records", fmt.Sprintf("holds %d: want 1 to %d; import the others in another file", len(t.Records), importRecords))
	}
	return t, nil
}

// Imported says what an import made, or would make.
type Imported struct {
	DryRun  bool     `json:"dryRun"`
	Records []Listed `json:"records"` // the drafts
	Notes   []string `json:"notes"`   // what was not taken over
}

// Import makes a draft of each record of a file, all or none. Whatever the file says of approval, time and evidence does not
// count here: a draft is submitted and approved anew, so that an import can make nothing green.
func (s *Service) Import(ctx context.Context, raw []byte, dryRun bool) (Imported, error) {
	out, err := s.imported(ctx, raw, dryRun)
	return out, s.refused(ctx, "", "import", "", err)
}

func (s *Service) imported(ctx context.Context, raw []byte, dryRun bool) (Imported, error) {
	out := Imported{DryRun: dryRun, Records: []Listed{}, Notes: []string{}}
	t, err := parseTransfer(raw)
	if err != nil {
		return out, err
	}
	var drafts []stored
	var faults []Fault
	seen := map[[2]string]int{}
	for i, in := range t.Records {
		at := fmt.Sprintf("records[%d]", i)
		r, wrong, err := s.importOne(ctx, in.Record)
		if err != nil {
			return out, err
		}
		for _, f := range wrong {
			faults = append(faults, Fault{join(at, f.Path), f.Message})
		}
		if len(wrong) > 0 {
			continue
		}
		key := [2]string{r.Kind, r.Object.ID}
		if other, twice := seen[key]; twice {
			faults = append(faults, Fault{at, fmt.Sprintf("is about the same as records[%d]: leave one out, or import it later as a new version", other)})
		}
		seen[key] = i
		if len(in.Evidence) > 0 || in.State != "" && in.State != Draft {
			out.Notes = append(out.Notes, fmt.Sprintf("%s: a draft is made; its state %q, approval and %d pieces of evidence are not taken over", at, clip(string(in.State)), len(in.Evidence)))
		}
		drafts = append(drafts, r)
	}
	if len(faults) > faultsMost {
		faults = append(faults[:faultsMost], Fault{"records", fmt.Sprintf("has %d more faults", len(faults)-faultsMost)})
	}
	if err := refusal("the file was not imported: nothing changed", faults); err != nil {
		return out, err
	}
	return out, s.keepImported(ctx, drafts, dryRun, &out)
}

// importOne makes a draft of one record of a file, or says what is wrong with it.
func (s *Service) importOne(ctx context.Context, in Record) (stored, []Fault, error) {
	k, err := s.kind(in.Kind)
	if err != nil {
		return stored{}, faultsOf(err), nil
	}
	if in.Body == nil {
		return stored{}, []Fault{{"body", "is missing: give the form"}}, nil
	}
	if in.Digest != "" {
		text, err := encode(in.Body)
		if err != nil {
			return stored{}, faultsOf(err), nil
		}
		if got := digestOf(in, text); got != in.Digest {
			return stored{}, []Fault{{"digest", "is not that of this record (" + got + "): the file was altered after the export; export it anew, or remove the digest to import it as your own draft"}}, nil
		}
	}
	if in.Owner != "" {
		if err := s.mustBePerson(ctx, "owner", in.Owner); fleet.CodeOf(err) == fleet.CodeInvalid {
			in.Owner = ""
		} else if err != nil {
			return stored{}, nil, err
		}
	}
	sc, err := s.look(ctx, k, s.importObject(ctx, k, in.Object), in.Owner)
	if fleet.CodeOf(err) == fleet.CodeInvalid {
		return stored{}, faultsOf(err), nil
	}
	if err != nil {
		return stored{}, nil, err
	}
	r, err := s.draft(ctx, sc, Start{Kind: in.Kind, Owner: in.Owner, Body: unmeasured(k.Form, in.Body)})
	if fleet.CodeOf(err) == fleet.CodeInvalid {
		return r, faultsOf(err), nil
	}
	return r, nil, err
}

// importObject is how the object is found here: by its id, or where that is another installation's by its name.
func (s *Service) importObject(ctx context.Context, k Kind, o Object) string {
	if o.ID != "" {
		if _, err := s.object(ctx, k.About, o.ID); err == nil || o.Name == "" {
			return o.ID
		}
	}
	return o.Name
}

func (s *Service) keepImported(ctx context.Context, drafts []stored, dryRun bool, out *Imported) error {
	return s.change(ctx, dryRun, func(tx *store.Tx) error {
		out.Records = out.Records[:0]
		for i := range drafts {
			r := drafts[i]
			if r.ID == "" {
				r.ID = id.New()
			}
			if err := s.begin(ctx, tx, &r); err != nil {
				if fleet.CodeOf(err) == fleet.CodeConflict {
					return fleet.Errorf(fleet.CodeConflict, "records[%d]: a version of %s of %s is being written already: finish or withdraw it first; nothing was imported", i, r.Kind, quoted(r.Object.Name)).Because(err)
				}
				return err
			}
			out.Records = append(out.Records, s.listed(r.Record, s.Clock.Now()))
		}
		return nil
	})
}
