package people_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/people"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// reviewed opens a review in a world with a second administrator and a service.
func reviewed(t *testing.T, db *store.DB) (w *world, bert, review string) {
	t.Helper()
	w = open(t, db, bustest.Open(t))
	w.ok("POST", "/accounts", w.token, fmt.Sprintf(`{"name":"bert","kind":"person","roles":["system-administrator"],"password":%q}`, another))
	w.ok("POST", "/accounts", w.token, `{"name":"mailer","kind":"service","roles":["application"]}`)
	due := w.clock.Now().Add(7 * 24 * time.Hour).Format(time.RFC3339)
	a := w.ok("POST", "/reviews", w.token, fmt.Sprintf(`{"title":"Yearly","due":%q}`, due))
	return w, w.login("bert", another), a.json["id"].(string)
}

func lineOf(t *testing.T, a answer, name string) map[string]any {
	t.Helper()
	for _, l := range a.json["lines"].([]any) {
		if l.(map[string]any)["name"] == name {
			return l.(map[string]any)
		}
	}
	t.Fatalf("no line for %s: %s", name, a.Body)
	return nil
}

func TestReviewListsEveryAccount(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w, _, id := reviewed(t, db)
		a := w.ok("GET", "/reviews/"+id, w.token, "")
		var names []string
		for _, l := range a.json["lines"].([]any) {
			names = append(names, fmt.Sprint(l.(map[string]any)["name"], "/", l.(map[string]any)["kind"]))
		}
		if !slices.Equal(names, []string{"anna/person", "bert/person", "mailer/service"}) {
			t.Errorf("%v", names)
		}
		w.clock.Advance(time.Hour)
		w.ok("POST", "/accounts", w.token, `{"name":"late","kind":"service","roles":["application"]}`)
		late := lineOf(t, w.ok("GET", "/reviews/"+id, w.token, ""), "late")
		if late["added"] == a.json["opened"] {
			t.Errorf("%v", late)
		}
		w.refused(409, "4 accounts are undecided", "POST", "/reviews/"+id+"/close", w.token, "")
	})
}

func TestReviewerDecides(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w, bert, id := reviewed(t, db)
		decide := func(status int, says, token, account, decision, reason string) {
			t.Helper()
			body := fmt.Sprintf(`{"account":%q,"decision":%q,"reason":%q}`, account, decision, reason)
			if status < 300 {
				w.ok("POST", "/reviews/"+id+"/decide", token, body)
				return
			}
			w.refused(status, says, "POST", "/reviews/"+id+"/decide", token, body)
		}
		decide(409, "own account", w.token, "anna", "keep", "needed")
		decide(409, "own account", w.token, "anna", "reject", "not needed")
		decide(422, "reason", w.token, "bert", "keep", " ")
		decide(422, "decision", w.token, "bert", "perhaps", "x")
		decide(404, "no account", w.token, "nobody", "keep", "x")
		decide(200, "", w.token, "bert", "keep", "needed")
		decide(200, "", bert, "anna", "keep", "needed")
		mailer := w.ok("POST", "/accounts/mailer/tokens", w.token, `{"name":"nightly","days":30}`).json["token"].(string)
		w.ok("GET", "/whoami", mailer, "")
		decide(200, "", bert, "mailer", "reject", "nobody uses it")
		w.refused(401, "", "GET", "/whoami", mailer, "")
		decide(409, "enable it first", bert, "mailer", "keep", "after all")
		if a := w.ok("GET", "/accounts/mailer", w.token, ""); a.json["state"] != "disabled" || !strings.Contains(fmt.Sprint(a.json["reason"]), "nobody uses it") {
			t.Errorf("%s", a.Body)
		}
		if a := w.ok("GET", "/accounts/bert", w.token, ""); a.json["reviewed"] == nil {
			t.Errorf("%s", a.Body)
		}
		done := w.ok("POST", "/reviews/"+id+"/close", w.token, "")
		if got := fmt.Sprint(done.json["state"], done.json["counts"]); got != "closedmap[accounts:3 devices:0 disabled:0 kept:2 rejected:1 undecided:0]" {
			t.Error(got)
		}
		decide(409, "closed", w.token, "bert", "reject", "x")
		w.refused(409, "closed already", "POST", "/reviews/"+id+"/close", w.token, "")
		w.ok("POST", "/accounts", w.token, `{"name":"after","kind":"service","roles":["application"]}`)
		if a := w.ok("GET", "/reviews/"+id, w.token, ""); len(a.json["lines"].([]any)) != 3 {
			t.Errorf("a closed review grew: %s", a.Body)
		}
		var types []string
		for _, ev := range audittest.Recorded(t, db) {
			if strings.HasPrefix(ev.Type, "review.") || ev.Type == "account.disabled" {
				types = append(types, ev.Type)
			}
		}
		slices.Sort(types)
		if got := fmt.Sprint(types); got != "[account.disabled review.closed review.decided review.decided review.decided review.opened]" {
			t.Error(got)
		}
	})
}

// broken is a world in which a certificate cannot be revoked, so the account cannot be disabled.
type broken struct{ *access.Service }

// Reject fails halfway.
func (broken) Reject(context.Context, *store.Tx, string, string) error {
	return errors.New("the certificate authority is gone")
}

// A rejection that cannot disable the account decides nothing.
func TestRejectionIsWholeOrNothing(t *testing.T) {
	w, _, id := reviewed(t, storetest.Open(t))
	ctx := context.Background()
	s, err := people.NewReviews(ctx, people.ReviewConfig{DB: w.db, Audit: w.acc.Audit, Accounts: broken{w.acc}, Devices: w.fleet, Clock: w.clock})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Decide(ctx, id, "mailer", people.Rejects, "not needed"); err == nil {
		t.Error("it was decided")
	}
	if l := lineOf(t, w.ok("GET", "/reviews/"+id, w.token, ""), "mailer"); l["decision"] != nil || l["state"] != "active" {
		t.Errorf("%v", l)
	}
}

func TestOthersDoNotReview(t *testing.T) {
	w, _, id := reviewed(t, storetest.Open(t))
	w.ok("POST", "/accounts", w.token, fmt.Sprintf(`{"name":"ada","kind":"person","roles":["auditor"],"password":%q,"expires":%q}`, good, w.clock.Now().AddDate(0, 1, 0).Format(time.RFC3339)))
	ada := w.login("ada", good)
	w.ok("GET", "/reviews/"+id, ada, "")
	w.refused(403, "may not review:write", "POST", "/reviews/"+id+"/decide", ada, `{"account":"bert","decision":"reject","reason":"x"}`)
	w.refused(403, "may not review:write", "POST", "/reviews/"+id+"/close", ada, "")
}

func TestReviewsAreCheckedAndListed(t *testing.T) {
	w, _, id := reviewed(t, storetest.Open(t))
	for body, says := range map[string]string{
		`{"title":" ","due":"2026-12-01T00:00:00Z"}`: "title", `{"title":"x","due":"2026-11-01T00:00:00Z"}`: "past", `{"title":"x","due":"2029-11-01T00:00:00Z"}`: "more than a year",
	} {
		w.refused(422, says, "POST", "/reviews", w.token, body)
	}
	w.refused(404, "no access review", "GET", "/reviews/nope", w.token, "")
	w.ok("POST", "/accounts/mailer/disable", w.token, `{"reason":"left"}`)
	list := w.ok("GET", "/reviews", w.token, "").json["items"].([]any)
	if got := fmt.Sprint(list[0].(map[string]any)["counts"]); len(list) != 1 || list[0].(map[string]any)["id"] != id || got != "map[accounts:3 devices:0 disabled:1 kept:0 rejected:0 undecided:2]" {
		t.Errorf("%v", list)
	}
	w.clock.Advance(8 * 24 * time.Hour)
	if a := w.ok("GET", "/reviews/"+id, w.login("anna", good), ""); a.json["overdue"] != true {
		t.Errorf("%s", a.Body)
	}
}
