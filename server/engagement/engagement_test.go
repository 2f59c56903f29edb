package engagement_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/engagement"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// posture is three controls over as many devices as there are.
type posture struct{ devices int }

// Controls lists three.
func (posture) Controls(context.Context) ([]engagement.Control, error) {
	return []engagement.Control{{ID: "ACT-01", Title: "a", Domain: "ACT", Status: "pass"}, {ID: "COM-01", Title: "b", Domain: "COM", Status: "fail"}, {ID: "COM-02", Title: "c", Domain: "COM", Status: "not-assessed"}}, nil
}

// InFramework knows one.
func (posture) InFramework(_ context.Context, f string) ([]string, error) {
	if f != "owasp-iot-2018" {
		return nil, fleet.Errorf(fleet.CodeNotFound, "no such framework")
	}
	return []string{"COM-02"}, nil
}

// Objects hands over two checks of each device.
func (p posture) Objects(_ context.Context, control, check string, fn func(engagement.Object) error) error {
	if control == "COM-02" {
		return nil
	}
	for n := range p.devices {
		for _, c := range []string{"one", "two"} {
			if check != "" && check != control+"/"+c {
				continue
			}
			if err := fn(engagement.Object{Check: control + "/" + c, Kind: "device", ID: fmt.Sprintf("d%d", n), Name: fmt.Sprintf("lock-%d", n), Status: "pass", Observed: now}); err != nil {
				return err
			}
		}
	}
	return nil
}

// accounts are people by name.
type accounts map[string]access.Account

// Account finds by id or name.
func (a accounts) Account(_ context.Context, ref string) (access.Account, error) {
	for _, one := range a {
		if one.Name == ref || one.ID == ref {
			return one, nil
		}
	}
	return access.Account{}, fleet.Errorf(fleet.CodeNotFound, "no such account")
}

// evidence knows one record and one export.
type evidence struct{}

// HasRecord knows r1.
func (evidence) HasRecord(_ context.Context, id string) (bool, error) { return id == "r1", nil }

// HasExport knows x1.
func (evidence) HasExport(_ context.Context, id string) (bool, error) { return id == "x1", nil }

type world struct {
	*engagement.Service
	t     testing.TB
	db    *store.DB
	log   *audit.Log
	clock *clock.Fake
	who   accounts
}

func open(t testing.TB, db *store.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, clock: clock.NewFake(now), who: accounts{}}
	for _, n := range []string{"ada", "ben"} {
		w.who[n] = access.Account{ID: "id-" + n, Name: n, Kind: access.Person, Roles: []access.Role{access.Auditor}, State: access.Active}
	}
	w.who["olga"] = access.Account{ID: "id-olga", Name: "olga", Kind: access.Person, Roles: []access.Role{access.SystemOperator}, State: access.Active}
	w.who["both"] = access.Account{ID: "id-both", Name: "both", Kind: access.Person, Roles: []access.Role{access.SystemOperator, access.Auditor}, State: access.Active}
	w.who["robot"] = access.Account{ID: "id-robot", Name: "robot", Kind: access.ServiceAccount, Roles: []access.Role{access.Auditor}, State: access.Active}
	w.log = audittest.Open(t, db, nil, w.clock)
	var err error
	w.Service, err = engagement.New(context.Background(), engagement.Config{DB: db, Audit: w.log, Clock: w.clock, Log: slog.New(slog.DiscardHandler), Posture: posture{500}, Accounts: w.who, Evidence: evidence{}})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// as acts as somebody.
func (w *world) as(name string) context.Context {
	a := w.who[name]
	return access.With(context.Background(), access.Principal{Kind: a.Kind, ID: a.ID, Name: a.Name, Roles: a.Roles})
}

func draft() engagement.Draft {
	return engagement.Draft{Title: "Annual audit", From: now.AddDate(-1, 0, 0), To: now.Add(-time.Hour), Ends: now.AddDate(0, 1, 0), Scope: engagement.Scope{Domains: []string{"COM"}}, Auditors: []string{"ben"}}
}

func (w *world) opened() engagement.Engagement {
	w.t.Helper()
	e, err := w.Open(w.as("ada"), draft())
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

// wantFault checks that err is refused with a code and names a path or says a word.
func wantFault(t *testing.T, err error, code fleet.Code, says string) {
	t.Helper()
	if fleet.CodeOf(err) != code || !strings.Contains(err.Error(), says) {
		t.Errorf("%v, want %s with %q", err, code, says)
	}
}

func TestOpeningIsChecked(t *testing.T) {
	w := open(t, storetest.Open(t))
	for says, change := range map[string]func(*engagement.Draft){
		"title":                   func(d *engagement.Draft) { d.Title = " " },
		"from: want the period":   func(d *engagement.Draft) { d.From = time.Time{} },
		"to: want a time after":   func(d *engagement.Draft) { d.To = d.From },
		"ends: lies in the past":  func(d *engagement.Draft) { d.Ends = now },
		"more than two years":     func(d *engagement.Draft) { d.Ends = now.AddDate(3, 0, 0) },
		"to: lies after the end":  func(d *engagement.Draft) { d.To = d.Ends.Add(time.Hour) },
		"scope.domains[0]":        func(d *engagement.Draft) { d.Scope.Domains = []string{"XXX"} },
		"scope.controls[0]":       func(d *engagement.Draft) { d.Scope.Controls = []string{"COM-99"} },
		"scope.frameworks[0]":     func(d *engagement.Draft) { d.Scope.Frameworks = []string{"none"} },
		"there is no account":     func(d *engagement.Draft) { d.Auditors = []string{"nobody"} },
		"auditors[0]: olga is no": func(d *engagement.Draft) { d.Auditors = []string{"olga"} },
		"both holds other roles":  func(d *engagement.Draft) { d.Auditors = []string{"both"} },
		"robot is no person":      func(d *engagement.Draft) { d.Auditors = []string{"robot"} },
	} {
		d := draft()
		change(&d)
		_, err := w.Open(w.as("ada"), d)
		wantFault(t, err, fleet.CodeInvalid, says)
	}
	if len(audittest.Recorded(t, w.db)) != 0 {
		t.Error("a refused engagement is in the log")
	}
	e := w.opened()
	if got := fmt.Sprint(e.Controls); got != "[COM-01 COM-02]" || len(e.Auditors) != 2 || e.State != "open" {
		t.Errorf("%s %+v", got, e)
	}
}

// Anybody can draw a sample again: from the seed in the log, with nothing but SHA-256.
func TestSamplesCanBeDrawnAgain(t *testing.T) {
	w := open(t, storetest.Open(t))
	e := w.opened()
	s, err := w.Draw(w.as("ben"), e.ID, engagement.SampleRequest{Control: "COM-01", Size: 25})
	if err != nil {
		t.Fatal(err)
	}
	entries := audittest.Recorded(t, w.db)
	seed := entries[len(entries)-1].Data["seed"].(string)
	type place struct {
		id   string
		rank [sha256.Size]byte
	}
	var all []place
	for n := range 500 {
		id := fmt.Sprintf("d%d", n)
		all = append(all, place{id, sha256.Sum256([]byte(seed + "\ndevice/" + id))})
	}
	slices.SortFunc(all, func(a, b place) int { return bytes.Compare(a.rank[:], b.rank[:]) })
	if len(s.Objects) != 25 || s.Population != 500 {
		t.Fatalf("%d of %d", len(s.Objects), s.Population)
	}
	h := sha256.New()
	for i, p := range all {
		h.Write(p.rank[:])
		if i < 25 && s.Objects[i].ID != p.id {
			t.Errorf("object %d is %s, drawn again %s", i, s.Objects[i].ID, p.id)
		}
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != s.Digest {
		t.Errorf("the population is %s, counted again %s", s.Digest, got)
	}
	if len(s.Objects[0].Results) != 2 {
		t.Errorf("%+v", s.Objects[0])
	}
	again, err := w.Draw(w.as("ada"), e.ID, engagement.SampleRequest{Control: "COM-01", Check: "COM-01/two", Size: 1000, Seed: seed})
	if err != nil || len(again.Objects) != 500 || again.Objects[24].ID != s.Objects[24].ID || again.N != 2 {
		t.Errorf("%d, %v", len(again.Objects), err)
	}
	for says, q := range map[string]engagement.SampleRequest{
		"size":    {Control: "COM-01"},
		"seed":    {Control: "COM-01", Size: 1, Seed: "a b"},
		"control": {Control: "ACT-01", Size: 1},
	} {
		_, err := w.Draw(w.as("ada"), e.ID, q)
		wantFault(t, err, fleet.CodeInvalid, says)
	}
	_, err = w.Draw(w.as("ada"), e.ID, engagement.SampleRequest{Control: "COM-02", Size: 1})
	wantFault(t, err, fleet.CodeConflict, "nothing is evaluated")
}

func TestRequestsGoBackAndForth(t *testing.T) {
	w := open(t, storetest.Open(t))
	e := w.opened()
	_, err := w.Request(w.as("ada"), e.ID, engagement.Ask{Text: "Show the policy", Due: now})
	wantFault(t, err, fleet.CodeInvalid, "due")
	_, err = w.Request(w.as("ada"), e.ID, engagement.Ask{Text: "x", Due: now.Add(time.Hour), Control: "ACT-01"})
	wantFault(t, err, fleet.CodeInvalid, "scope")
	r, err := w.Request(w.as("ada"), e.ID, engagement.Ask{Text: "Show the policy", Due: now.Add(time.Hour), Control: "COM-01"})
	if err != nil || r.N != 1 || r.State != "asked" {
		t.Fatalf("%+v %v", r, err)
	}
	_, err = w.Answer(w.as("ben"), e.ID, 1, engagement.Answer{Text: "here"})
	wantFault(t, err, fleet.CodeForbidden, "does not answer")
	_, err = w.Answer(w.as("olga"), e.ID, 2, engagement.Answer{Text: "here"})
	wantFault(t, err, fleet.CodeNotFound, "no request 2")
	_, err = w.Answer(w.as("olga"), e.ID, 1, engagement.Answer{Text: "here", Records: []string{"r1", "r2"}})
	wantFault(t, err, fleet.CodeInvalid, "records[1]")
	_, err = w.Answer(w.as("olga"), e.ID, 1, engagement.Answer{Text: "here", Export: "x2"})
	wantFault(t, err, fleet.CodeInvalid, "export")
	_, err = w.Judge(w.as("ada"), e.ID, 1, "accepted", "")
	wantFault(t, err, fleet.CodeConflict, "no answer to judge")
	w.clock.Advance(2 * time.Hour)
	if got, _ := w.Engagement(context.Background(), e.ID); got.Progress.Overdue != 1 || !got.Requests[0].Overdue {
		t.Errorf("%+v", got.Progress)
	}
	for _, step := range []func() (engagement.Request, error){
		func() (engagement.Request, error) {
			return w.Answer(w.as("olga"), e.ID, 1, engagement.Answer{Text: "here", Records: []string{"r1"}, Export: "x1"})
		},
		func() (engagement.Request, error) {
			return w.Judge(w.as("ben"), e.ID, 1, "returned", "this is last year's")
		},
		func() (engagement.Request, error) {
			return w.Answer(w.as("olga"), e.ID, 1, engagement.Answer{Text: "this year's"})
		},
		func() (engagement.Request, error) { return w.Judge(w.as("ben"), e.ID, 1, "accepted", "") },
	} {
		if r, err = step(); err != nil {
			t.Fatal(err)
		}
	}
	if r.State != "accepted" || len(r.Turns) != 4 || r.Turns[0].By != "olga" || r.Turns[1].Verdict != "returned" {
		t.Errorf("%+v", r)
	}
	_, err = w.Answer(w.as("olga"), e.ID, 1, engagement.Answer{Text: "more"})
	wantFault(t, err, fleet.CodeConflict, "waits for no answer")
}

// Only the engagement's own auditors write, and nobody after its end.
func TestWritersAreItsAuditors(t *testing.T) {
	w := open(t, storetest.Open(t))
	d := draft()
	d.Auditors = nil
	e, err := w.Open(w.as("ada"), d)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Conclude(w.as("ben"), e.ID, engagement.Conclusion{Control: "COM-01", Conclusion: "met"})
	wantFault(t, err, fleet.CodeForbidden, "no auditor of this engagement")
	if _, err := w.Change(w.as("ada"), e.ID, `"1"`, draft()); err != nil {
		t.Fatal(err)
	}
	_, err = w.Change(w.as("ada"), e.ID, `"1"`, draft())
	if err == nil || !strings.Contains(err.Error(), "changed by someone else") {
		t.Error(err)
	}
	if _, err := w.Conclude(w.as("ben"), e.ID, engagement.Conclusion{Control: "COM-01", Conclusion: "met"}); err != nil {
		t.Fatal(err)
	}
	narrow := draft()
	narrow.Scope = engagement.Scope{Controls: []string{"ACT-01"}}
	_, err = w.Change(w.as("ada"), e.ID, "", narrow)
	wantFault(t, err, fleet.CodeConflict, "COM-01")
	w.clock.Advance(32 * 24 * time.Hour)
	_, err = w.Conclude(w.as("ben"), e.ID, engagement.Conclusion{Control: "COM-02", Conclusion: "met"})
	wantFault(t, err, fleet.CodeConflict, "ended")
	if got, _ := w.Engagement(context.Background(), e.ID); got.State != "over" {
		t.Error(got.State)
	}
}

func TestSignedNeverChanges(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := open(t, db)
		e := w.opened()
		ada := w.as("ada")
		if _, err := w.Draw(ada, e.ID, engagement.SampleRequest{Control: "COM-01", Size: 3}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Request(ada, e.ID, engagement.Ask{Text: "Show it", Due: now.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Answer(w.as("olga"), e.ID, 1, engagement.Answer{Text: "here"}); err != nil {
			t.Fatal(err)
		}
		_, err := w.Sign(ada, e.ID, "I have looked.")
		wantFault(t, err, fleet.CodeUnavailable, "checkpoint")
		if _, err := w.log.Seal(context.Background()); err != nil {
			t.Fatal(err)
		}
		_, err = w.Sign(ada, e.ID, "I have looked.")
		for _, says := range []string{"conclusions.COM-01", "conclusions.COM-02", "requests[1]"} {
			wantFault(t, err, fleet.CodeConflict, says)
		}
		if _, err := w.Judge(ada, e.ID, 1, "accepted", ""); err != nil {
			t.Fatal(err)
		}
		_, err = w.Conclude(ada, e.ID, engagement.Conclusion{Control: "COM-01", Conclusion: "partly"})
		wantFault(t, err, fleet.CodeInvalid, "text")
		for control, c := range map[string]string{"COM-01": "partly", "COM-02": "not-tested"} {
			if _, err := w.Conclude(ada, e.ID, engagement.Conclusion{Control: control, Conclusion: c, Text: "because"}); err != nil {
				t.Fatal(err)
			}
		}
		w.clock.Advance(90 * time.Minute)
		signed, err := w.Sign(ada, e.ID, "I have looked.")
		if err != nil {
			t.Fatal(err)
		}
		if signed.State != "signed" || !signed.Signature.Intact || signed.Signature.By != "ada" || !strings.Contains(signed.Signature.Checkpoint, "test-log") {
			t.Errorf("%+v", signed.Signature)
		}
		evs := audittest.Recorded(t, db)
		if last := evs[len(evs)-1]; last.Type != "engagement.signed" || last.Data["digest"] != signed.Signature.Digest {
			t.Errorf("%+v", last)
		}
		for name, try := range map[string]func() error{
			"change": func() error { _, err := w.Change(ada, e.ID, "", draft()); return err },
			"sample": func() error {
				_, err := w.Draw(ada, e.ID, engagement.SampleRequest{Control: "COM-01", Size: 3})
				return err
			},
			"request": func() error {
				_, err := w.Request(ada, e.ID, engagement.Ask{Text: "x", Due: now.Add(9 * time.Hour)})
				return err
			},
			"answer": func() error { _, err := w.Answer(w.as("olga"), e.ID, 1, engagement.Answer{Text: "x"}); return err },
			"judge":  func() error { _, err := w.Judge(ada, e.ID, 1, "accepted", ""); return err },
			"conclude": func() error {
				_, err := w.Conclude(ada, e.ID, engagement.Conclusion{Control: "COM-01", Conclusion: "met"})
				return err
			},
			"sign": func() error { _, err := w.Sign(ada, e.ID, "again"); return err },
		} {
			if err := try(); fleet.CodeOf(err) != fleet.CodeConflict || !strings.Contains(err.Error(), "signed") {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.altered(e.ID, "UPDATE engagement_conclusion SET conclusion = 'met' WHERE engagement = ? AND control = 'COM-01'")
	})
}

// altered changes what is stored behind the service's back and looks whether it is noticed.
func (w *world) altered(id, sql string) {
	w.t.Helper()
	ctx := context.Background()
	if err := w.db.Keep(ctx, func(tx *store.Tx) error { _, err := tx.Exec(sql, id); return err }); err != nil {
		w.t.Fatal(err)
	}
	if got, err := w.Engagement(ctx, id); err != nil || got.Signature.Intact {
		w.t.Errorf("an altered conclusion counts as intact: %v", err)
	}
}

func TestPeriodMustBeOver(t *testing.T) {
	w := open(t, storetest.Open(t))
	d := draft()
	d.To = now.AddDate(0, 0, 7)
	e, err := w.Open(w.as("ada"), d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.log.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	_, err = w.Sign(w.as("ada"), e.ID, "too early")
	var told *fleet.Error
	if !errors.As(err, &told) || told.Fields[0].Path != "to" {
		t.Error(err)
	}
}

func TestAccountsWithoutAnEndAreNamed(t *testing.T) {
	w := open(t, storetest.Open(t))
	e := w.opened()
	ada, end := w.who["ada"], e.Ends
	ada.Expires = &end
	w.who["ada"] = ada
	got, err := w.Engagement(context.Background(), e.ID)
	if err != nil || !slices.Equal(got.OpenEnded, []string{"ben"}) {
		t.Errorf("%v, %v", got.OpenEnded, err)
	}
}
