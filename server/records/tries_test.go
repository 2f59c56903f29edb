package records_test

import (
	"context"
	"strings"
	"testing"

	"github.com/thingward/thingward/server/records"
)

func TestTheSelfTestsKeepNothing(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		for _, k := range []string{"policy", "assessment", "review"} {
			for name, try := range map[string]func(context.Context, string) (bool, string, error){"incomplete": r.TryIncomplete, "self-approval": r.TrySelfApproval} {
				if held, detail, err := try(ctx, k); err != nil || !held {
					t.Errorf("%s of %s: %v %q %v", name, k, held, detail, err)
				}
			}
		}
		if held, detail, err := r.TryNotIndependent(ctx, "assessment"); err != nil || !held {
			t.Errorf("%v %q %v", held, detail, err)
		}
		if _, _, err := r.TryNotIndependent(ctx, "policy"); err == nil {
			t.Error("a kind that names nobody independent was tried")
		}
		if _, _, err := r.TryIncomplete(ctx, "ghost"); err == nil {
			t.Error("a kind that is not there was tried")
		}
		for _, table := range []string{"records_record", "records_item", "audit_pending"} {
			var n int
			if err := r.db.QueryRow(ctx, "SELECT count(*) FROM "+table).Scan(&n); err != nil || n != 0 {
				t.Errorf("%d rows of the self-tests are in %s, %v", n, table, err)
			}
		}
		if n := len(r.published("record.refused")); n != 0 {
			t.Errorf("%d refusals of self-tests were reported as people's", n)
		}
	})
}

// TestTheSelfTestsCanFail breaks a kind so that its gate must notice.
func TestTheSelfTestsCanFail(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		k := policy()
		k.Example = records.Body{"scope": "too short"} // nine characters, ten are wanted
		r.kinds = []records.Kind{k}
		r.open()
		held, detail, err := r.TryIncomplete(context.Background(), "policy")
		if err != nil || held || !strings.Contains(detail, "whole example was refused") {
			t.Errorf("%v %q %v", held, detail, err)
		}
		// The database keeps what it should have refused to keep.
		k = policy()
		r.kinds = []records.Kind{k}
		r.open()
		r.tamper(`INSERT INTO records_record SELECT 'x', 'other', 'organisation', 'self-test', '', '', '', 1, 'withdrawn', '', '', '[]', '', '{}', 0, 0, 0, 0, 0, '', '', '', '', 1`)
		held, detail, err = r.TryIncomplete(context.Background(), "policy")
		if err != nil || held || !strings.Contains(detail, "were kept") {
			t.Errorf("%v %q %v", held, detail, err)
		}
	})
}

func TestContradictoryKindsAreRefused(t *testing.T) {
	good := policy()
	for name, bend := range map[string]func(*records.Kind){
		"no life":          func(k *records.Kind) { k.Life = 0 },
		"bad name":         func(k *records.Kind) { k.Name = "Policy" },
		"no form":          func(k *records.Kind) { k.Form = nil },
		"field twice":      func(k *records.Kind) { k.Form = append(k.Form, k.Form[0]) },
		"no options":       func(k *records.Kind) { k.Form[0].Type = records.Choice },
		"no columns":       func(k *records.Kind) { k.Form[0].Type = records.Rows },
		"refers to naught": func(k *records.Kind) { k.Form[0].Type = records.Refs },
		"no such type":     func(k *records.Kind) { k.Form[0].Type = "colour" },
		"tracks too little": func(k *records.Kind) {
			k.Form[0] = records.Field{Name: "a", Type: records.Rows, Tracks: true, Fields: []records.Field{{Name: "title", Type: records.Text}}}
		},
		"done twice": func(k *records.Kind) {
			k.Form = []records.Field{{Name: "a", Type: records.Date, Performed: true}, {Name: "b", Type: records.Date, Performed: true}}
		},
	} {
		k := good
		k.Form = append([]records.Field(nil), good.Form...)
		bend(&k)
		if _, err := records.New(context.Background(), records.Config{Kinds: []records.Kind{k}}); err == nil || !strings.Contains(err.Error(), "record kind") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
