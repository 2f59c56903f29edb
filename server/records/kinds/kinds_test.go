package kinds

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/catalogue"
	"github.com/thingward/thingward/server/records"
)

var testNow = time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)

// everyKind runs fn for each kind of the shelf.
func everyKind(t *testing.T, fn func(t *testing.T, s Spec)) {
	for _, s := range All() {
		t.Run(s.Name, func(t *testing.T) { fn(t, s) })
	}
}

// object is one that owes every kind about its kind of object.
func object(about records.About) records.Object {
	o := records.Object{Kind: about, ID: "01935d2a-8c00-7000-8000-000000000009", Name: "sample", Owner: "olga", Facts: map[string]any{}}
	switch about {
	case records.Organisation:
		o.ID, o.Name, o.Owner = "organisation", "Organisation", ""
	case records.System:
		o.System, o.Owner = "sample", "mara"
	case records.Type:
		o.Facts = map[string]any{
			"version": "1.2.0", "personalData": true, "developed": true, "acquired": true, "highAssurance": true, "legacy": true, "gateway": true, "sensitive": true,
			"industries": []string{"medical"}, "radio": map[string]any{"ble": "oob", "zigbee": "", "zwave": "s2", "nfc": ""},
		}
	case records.Device:
		o.Retired, o.Facts = true, map[string]any{"state": "retired", "sensitive": true}
	case records.Account:
		o.Facts = map[string]any{"kind": "person", "state": "active", "roles": []string{"system-administrator"}, "created": testNow.AddDate(-1, 0, 0)}
	default: // the others owe by being there
	}
	return o
}

// dutyOf is a duty that is met by the kind's own example, approved a day ago.
func dutyOf(s Spec) *records.Duty {
	d := &records.Duty{Kind: s.Name, Object: object(s.About), Owes: true, People: map[string]bool{}, Objects: map[records.About][]records.Object{}}
	d.InForce = approved(s)
	d.Newest = d.InForce
	if s.Readers != records.NoReaders {
		d.Acks = []records.Ack{{Account: "mara", At: testNow}}
	}
	namedIn(s.Form, d.InForce.Body, d.People)
	for _, name := range s.Needs {
		at := slices.IndexFunc(All(), func(o Spec) bool { return o.Name == name })
		if at < 0 {
			panic(s.Name + " needs " + name + ", which there is not")
		}
		d.Others = append(d.Others, *approved(All()[at]))
	}
	for _, about := range s.Looks {
		o := object(about)
		o.System = d.Object.System
		d.Objects[about] = []records.Object{o}
	}
	return d
}

func approved(s Spec) *records.Record {
	r := &records.Record{
		ID: "r1", Kind: s.Name, Object: object(s.About), Version: 1, State: records.Approved, Owner: "mara", Author: "mara", Approver: "jonas",
		Body: s.ExampleFilled(testNow), Evidence: s.ExampleEvidence(), Effective: testNow.Add(-day), Created: testNow.Add(-2 * day), Changed: testNow.Add(-day), Performed: testNow.Add(-3 * day),
		Expires: testNow.Add(min(s.Life, 20*day)),
	}
	for _, f := range s.Form {
		if on, err := time.Parse(time.DateOnly, cell(r.Body, f.Name)); f.Performed && err == nil {
			r.Performed = on
		}
	}
	for len(r.Evidence) < s.Files.Least {
		r.Evidence = append(r.Evidence, records.Evidence{ID: "e1", Name: "report.pdf", SHA256: strings.Repeat("ab", 32)})
	}
	return r
}

// namedIn collects the persons that a form names.
func namedIn(fields []records.Field, b map[string]any, people map[string]bool) {
	for _, f := range fields {
		switch f.Type {
		case records.Person:
			if name, ok := b[f.Name].(string); ok {
				people[name] = true
			}
		case records.Rows:
			for _, row := range rowsOf(b, f.Name) {
				namedIn(f.Fields, row, people)
			}
		default: // the others name nobody
		}
	}
}

func TestKindsNameObligations(t *testing.T) {
	cat, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	kebab := regexp.MustCompile(`^[a-z]+[a-z0-9]*(-[a-z0-9]+)*$`)
	names, checks := map[string]bool{}, map[string]bool{}
	everyKind(t, func(t *testing.T, s Spec) {
		if names[s.Name] || !kebab.MatchString(s.Name) || len(s.Name) > 40 {
			t.Errorf("the name %s is taken, too long or not in kebab case", s.Name)
		}
		names[s.Name] = true
		if s.Title == "" || s.Purpose == "" || !strings.HasSuffix(s.Purpose, ".") || strings.HasSuffix(s.Title, ".") {
			t.Errorf("title %q, purpose %q", s.Title, s.Purpose)
		}
		if len(s.Serves) == 0 {
			t.Error("serves nothing")
		}
		answer := func(control, obligation, name, title string) {
			c, known := cat.Control(control)
			if _, there := c.Obligation(obligation); !known || !there {
				t.Errorf("%s has no obligation %s", control, obligation)
			}
			if id := control + "/" + name; checks[id] || !kebab.MatchString(name) {
				t.Errorf("the check %s is taken or not in kebab case", id)
			} else {
				checks[id] = true
			}
			if title == "" || strings.HasSuffix(title, ".") {
				t.Errorf("the title %q of %s: want a claim without full stop", title, name)
			}
		}
		for _, v := range s.Serves {
			answer(v.Control, v.Obligation, v.Name, v.Title)
		}
		for _, r := range s.Refuses {
			answer(r.Control, r.Obligation, r.Name, r.Title)
		}
	})
}

// Every example is a complete form that could be approved on any day.
func TestExamplesAreApprovable(t *testing.T) {
	everyKind(t, func(t *testing.T, s Spec) {
		for _, today := range []time.Time{testNow, testNow.AddDate(3, 2, 9)} {
			b := s.ExampleOn(today)
			for _, f := range s.Shape(b) {
				t.Errorf("example: %s %s", f.Path, f.Message)
			}
			if s.Check != nil {
				for _, f := range s.Check(b, object(s.About)) {
					t.Errorf("example: %s %s", f.Path, f.Message)
				}
			}
			if s.Reading != nil && s.Reading.Check != nil {
				for _, f := range s.Reading.Check(s.ExampleFilled(today), object(s.About), s.ExampleEvidence()) {
					t.Errorf("example and its files: %s %s", f.Path, f.Message)
				}
			}
			for _, f := range s.Form {
				on, err := time.Parse(time.DateOnly, cell(b, f.Name))
				switch {
				case f.Type != records.Date || err != nil:
				case f.Performed && (on.After(today) || !on.Add(s.Life).After(today)):
					t.Errorf("the example's %s is in the future, or so old that it has expired", f.Name)
				case f.FutureOnly && !on.After(today):
					t.Errorf("the example's %s has passed", f.Name)
				}
			}
		}
	})
}

// Leaving out any required part is a fault that names it.
func TestEveryRequiredPartIsAskedFor(t *testing.T) {
	everyKind(t, func(t *testing.T, s Spec) {
		for _, f := range s.Form {
			b := s.ExampleOn(testNow)
			if delete(b, f.Name); f.Optional {
				continue
			}
			if !slices.ContainsFunc(s.Shape(b), func(fault records.Fault) bool { return fault.Path == f.Name }) {
				t.Errorf("%s can be left out", f.Name)
			}
			for _, word := range f.Covers {
				b := s.ExampleOn(testNow)
				b[f.Name] = without(b[f.Name], f, word)
				if !slices.ContainsFunc(s.Shape(b), func(fault records.Fault) bool { return strings.Contains(fault.Message, word) }) {
					t.Errorf("%s of %s can be left out", word, f.Name)
				}
			}
		}
	})
}

func without(list any, f records.Field, word string) (out []any) {
	all, _ := list.([]any)
	for _, v := range all {
		row, _ := v.(map[string]any)
		if v != any(word) && (row == nil || row[f.Fields[0].Name] != word) {
			out = append(out, v)
		}
	}
	return out
}

// What a judge says of a record that was never made, is not approved, was rejected, altered or has ended is never a pass, and
// what it says of a good one ends with the record.
func TestJudges(t *testing.T) {
	everyKind(t, func(t *testing.T, s Spec) {
		for _, v := range s.Serves {
			for _, tc := range []struct {
				name  string
				want  []fleet.Status
				spoil func(d *records.Duty)
			}{
				{"current", []fleet.Status{fleet.Pass}, func(*records.Duty) {}},
				{"none", []fleet.Status{fleet.Fail, fleet.Unknown}, func(d *records.Duty) { d.InForce, d.Newest, d.Acks = nil, nil, nil }},
				{"draft", []fleet.Status{fleet.Fail, fleet.Unknown}, func(d *records.Duty) { only(d, records.Draft) }},
				{"submitted", []fleet.Status{fleet.Fail, fleet.Unknown}, func(d *records.Duty) { only(d, records.Submitted) }},
				{"rejected", []fleet.Status{fleet.Fail, fleet.Unknown}, func(d *records.Duty) { only(d, records.Rejected) }},
				{"expired", []fleet.Status{fleet.Fail, fleet.Unknown}, func(d *records.Duty) { d.InForce.Expires = testNow }},
				{"altered", []fleet.Status{fleet.Fail, fleet.Unknown}, func(d *records.Duty) { d.InForce.Altered = "report.pdf has another hash" }},
				{"approved in the future", []fleet.Status{fleet.Unknown, fleet.Fail}, func(d *records.Duty) { d.InForce.Effective = testNow.Add(day) }},
			} {
				d := dutyOf(s)
				tc.spoil(d)
				got := v.Judge(d, testNow)
				if !slices.Contains(tc.want, got.Status) || got.Reason == "" {
					t.Errorf("%s, %s: %s (%s), want %v", v.Name, tc.name, got.Status, got.Reason, tc.want)
				}
				if got.Status == fleet.Pass && (got.Until.IsZero() || got.Until.After(d.InForce.Expires)) {
					t.Errorf("%s passes until %v, and the record ends at %v", v.Name, got.Until, d.InForce.Expires)
				}
				stable(t, v, d, got)
			}
		}
	})
}

func only(d *records.Duty, state records.State) {
	d.Newest.State, d.InForce, d.Acks = state, nil, nil
}

// stable asks again just before the verdict ends: it must not have changed, or a sweep would differ from what was found before.
func stable(t *testing.T, v Serves, d *records.Duty, was posture.Verdict) {
	t.Helper()
	later := testNow.Add(day)
	if !was.Until.IsZero() && was.Until.Before(later) {
		later = was.Until.Add(-time.Microsecond)
	}
	if later.Before(testNow) {
		return
	}
	if is := v.Judge(d, later); is.Status != was.Status || is.Reason != was.Reason {
		t.Errorf("%s says %s (%s) and later %s (%s), before its end", v.Name, was.Status, was.Reason, is.Status, is.Reason)
	}
}

// A duty that is not owed is not applicable, whatever is on record.
func TestNotOwed(t *testing.T) {
	for _, c := range Checks() {
		name := strings.TrimPrefix(string(c.Subject), "record:")
		f := &Facts{Duty: &records.Duty{Kind: name, Object: object(records.Type), Why: "not this one"}}
		if v := c.Eval(f, testNow); v.Status != fleet.NotApplicable || v.Reason != "not this one" {
			t.Errorf("%s: %s (%s)", c.ID, v.Status, v.Reason)
		}
		if f.Ref().Kind != c.Subject {
			t.Errorf("%s is about %s", c.ID, c.Subject)
		}
	}
}

// Where nothing is known of an object, it owes whatever it might.
func TestUnknownObjectsOwe(t *testing.T) {
	everyKind(t, func(t *testing.T, s Spec) {
		if s.Only == nil {
			return
		}
		o := records.Object{Kind: s.About, ID: "x", Name: "x"}
		if s.About == records.Device { // only retired ones are given as objects
			o.Retired = true
		}
		if owes, _ := s.Only(o); !owes {
			t.Error("an object of which nothing is known does not owe it")
		}
		if owes, why := s.Only(object(s.About)); !owes {
			t.Errorf("the sample does not owe it: %s", why)
		}
	})
}

// texts are all words of a kind that people read.
func texts(s Spec) map[string]string {
	out := map[string]string{"title": s.Title, "purpose": s.Purpose, "evidence": s.Files.What}
	var read func(path string, fields []records.Field)
	read = func(path string, fields []records.Field) {
		for _, f := range fields {
			out[path+f.Name+" title"], out[path+f.Name+" help"] = f.Title, f.Help
			for i, o := range slices.Concat(f.Options, f.Covers) {
				out[fmt.Sprintf("%s%s option %d", path, f.Name, i)] = o
			}
			read(path+f.Name+".", f.Fields)
		}
	}
	read("", s.Form)
	for _, v := range s.Serves {
		out[v.Name] = v.Title
	}
	for _, r := range s.Refuses {
		out[r.Name] = r.Title
	}
	return out
}

// The house words of the catalogue hold for forms too.
func TestHouseWords(t *testing.T) {
	avoided := regexp.MustCompile(`(?i)\b(assets?|onboard\w*|den(y|ied|ies|ial)|waive[dr]?\w*|whitelist\w*|blacklist\w*|(un)?authoriz\w*|organiz\w*|` +
		`(sani|mini|recogni|initiali|priori|zeroi|utili)tiz\w*|recogniz\w*|zeroiz\w*|analyz\w*|behavi[o]r\w*|center\w*|catalog|program|judgment|fulfill|robust|seamless\w*|leverag\w*)\b`) //nolint:misspell // what to avoid
	everyKind(t, func(t *testing.T, s Spec) {
		all := texts(s)
		for _, where := range slices.Sorted(maps.Keys(all)) {
			if word := avoided.FindString(all[where]); word != "" {
				t.Errorf("%s uses %q: %s", where, word, all[where])
			}
			if n := len(strings.Fields(all[where])); n > 40 {
				t.Errorf("%s has %d words", where, n)
			}
		}
	})
}
