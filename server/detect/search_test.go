package detect

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/api"
)

func TestEventQueryNamesTheFaultyField(t *testing.T) {
	for field, q := range map[string]eventQuery{
		"type":     {Type: "no.such"},
		"severity": {Severity: "high,worst"},
		"from":     {From: "yesterday"},
		"to":       {To: "2026-13-01T00:00:00Z"},
		"format":   {Format: "xml"},
		"after":    {PageInput: api.PageInput{After: "!"}},
		"q":        {Text: "a\x00"},
		"subject":  {Subject: "\xff"},
	} {
		if _, err := q.filter(); fleet.CodeOf(err) != fleet.CodeInvalid || !strings.Contains(err.Error(), field+": ") {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// FuzzEventQuery feeds the search with any query: it becomes a filter that keeps what was asked for, or names a field.
func FuzzEventQuery(f *testing.F) {
	f.Add("door", "login.failed,session.opened", "high, critical", "anna", "2026-11-22T12:00:00Z", "", "ocsf", cursorOf(time.Unix(1, 0), "x"))
	f.Add("", "", "", "", "", "", "", "")
	f.Add("%", ",", "info", "\\", "x", "0000-01-01T00:00:00Z", "ocsf", "W10")
	f.Fuzz(func(t *testing.T, text, typ, severity, subject, from, to, format, after string) {
		q := eventQuery{PageInput: api.PageInput{Limit: 10, After: after}, Text: text, Type: typ, Severity: severity, Subject: subject, From: from, To: to, Format: format}
		filter, err := q.filter()
		if err != nil {
			if fleet.CodeOf(err) != fleet.CodeInvalid {
				t.Fatalf("%v", err)
			}
			return
		}
		c := filter.conditions()
		if strings.Count(c.where(), "?") != len(c.args) {
			t.Errorf("%s with %d arguments", c.where(), len(c.args))
		}
		for _, name := range filter.Types {
			if _, known := fleet.EventTypes[name]; !known {
				t.Errorf("%q is no type", name)
			}
		}
		a := alertQuery{PageInput: q.PageInput, Text: text, State: typ, Severity: severity, Rule: from, Subject: subject}
		if _, err := a.filter(); err != nil && fleet.CodeOf(err) != fleet.CodeInvalid {
			t.Fatalf("%v", err)
		}
	})
}

// FuzzRoutes feeds what PUT /routes and PUT /rules decode.
func FuzzRoutes(f *testing.F) {
	f.Add([]byte(`{"routes":[{"name":"pager","kind":"webhook","url":"https://pager.example/in","severity":"high","secret":"0123456789abcdef"}]}`))
	f.Add([]byte(`{"routes":[{"name":"duty","kind":"smtp","url":"smtps://mail.example:465","severity":"low","from":"a@b.c","address":"d@e.f, g@h.i","user":"u","secret":"p"}]}`))
	f.Add([]byte(`{"routes":[{"name":"a","kind":"webhook","url":"https://[fe80::1%25eth0]:0/","severity":"x"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var in routesBody
		if json.Unmarshal(body, &in) != nil {
			return
		}
		for _, r := range in.Routes {
			err := r.check("routes[0]")
			if err != nil && fleet.CodeOf(err) != fleet.CodeInvalid {
				t.Fatalf("%v", err)
			}
			if err != nil && len(r.Secret) >= secretLeast && strings.Contains(err.Error(), r.Secret) && !strings.Contains(r.Name+r.Address, r.Secret) {
				t.Errorf("the error tells the secret: %v", err)
			}
			if err == nil && r.Kind == Webhook && !strings.HasPrefix(strings.ToLower(r.URL), "https://") && !slices.ContainsFunc([]string{"127.", "localhost", "[::"}, func(p string) bool { return strings.Contains(strings.ToLower(r.URL), p) }) {
				t.Errorf("%s would be sent in clear", r.URL)
			}
			_ = r.place()
		}
	})
}

// FuzzAlert reads what is stored of an alert's and a counter's evidence.
func FuzzAlert(f *testing.F) {
	f.Add([]byte(`[{"i":"a","t":1,"n":1},{"i":"b","t":2}]`), int64(0))
	f.Fuzz(func(t *testing.T, marks []byte, horizon int64) {
		q := sequence{Horizon: horizon}
		if json.Unmarshal(marks, &q.Marks) != nil {
			return
		}
		q.heal(time.Unix(1_800_000_000, 0))
		a := &active{Rule: &Rule{}, threshold: 5, window: 30 * time.Minute}
		if q.add(mark{ID: "x", At: 1_800_000_000_000_000, N: 1}, a) && len(q.Marks) > marksMost {
			t.Errorf("%d marks", len(q.Marks))
		}
		_ = q.crossing(a)
	})
}
