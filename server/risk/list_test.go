package risk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/risk"
)

func TestListFiltersAndPages(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		for i := range 7 {
			r.clock.Set(start.Add(time.Duration(i) * time.Hour))
			r.enter(func(x *risk.Text) {
				x.Title = fmt.Sprintf("Risk %d 100%%_sure", i)
				x.Likelihood, x.Safety = risk.Level(i%5+1), i == 3
				if i > 4 {
					x.System, x.Site, x.Owner, x.Scopes = "heating", "north", "cleo", []string{"cloud"}
				}
			})
		}
		for sort := range map[string]bool{"": true, "level": true, "-created": true, "changed": true, "ends": true, "-due": true, "title": true, "-owner": true, "system": true} {
			var ids []string
			for after, first := "", true; first || after != ""; first = false {
				page, err := r.List(as("ann"), risk.Filter{Sort: sort, Limit: 2, After: after})
				if err != nil || *page.Total != 7 || len(page.Items) > 2 {
					t.Fatalf("%s: %+v, %v", sort, page, err)
				}
				for _, v := range page.Items {
					ids = append(ids, v.ID)
				}
				after = page.Next
			}
			slices.Sort(ids)
			if len(slices.Compact(ids)) != 7 {
				t.Errorf("sort %q pages over %d of 7 risks", sort, len(ids))
			}
		}
		for _, c := range []struct {
			f    risk.Filter
			want int
		}{
			{risk.Filter{System: "heating"}, 2},
			{risk.Filter{Site: "north"}, 2},
			{risk.Filter{Owner: "cleo"}, 2},
			{risk.Filter{Scope: "cloud"}, 2},
			{risk.Filter{Scope: "fog"}, 0},
			{risk.Filter{Safety: true}, 1},
			{risk.Filter{Level: "very-high"}, 2},
			{risk.Filter{Level: "2"}, 2},
			{risk.Filter{Query: "100%_S"}, 7},
			{risk.Filter{Query: "1000"}, 0},
			{risk.Filter{Query: "REPLAY"}, 7},
			{risk.Filter{State: "closed"}, 0},
			{risk.Filter{State: "all"}, 7},
			{risk.Filter{Decision: "undecided"}, 7},
			{risk.Filter{Decision: "accept"}, 0},
			{risk.Filter{Overdue: true}, 0},
		} {
			c.f.Limit = 10
			page, err := r.List(as("ann"), c.f)
			if err != nil || len(page.Items) != c.want || *page.Total != c.want {
				t.Errorf("%+v finds %d, %v, want %d", c.f, len(page.Items), err, c.want)
			}
		}
		page, err := r.List(as("ann"), risk.Filter{Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []risk.Filter{
			{Sort: "colour"}, {State: "odd"}, {Decision: "odd"}, {Level: "6"}, {Scope: "moon"}, {Query: "\x00"}, {After: "%%"}, {After: page.Next, Sort: "title"}, {Owner: "a\nb"},
		} {
			_, err := r.List(as("ann"), bad)
			refused(t, err, fleet.CodeInvalid)
		}
	})
}

func TestFactsOfThePast(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		e := r.enter(nil)
		r.clock.Set(start.AddDate(0, 0, 3))
		text := sample()
		text.Impact = risk.VeryLow
		r.must(r.Change(as("ann"), e.ID, "", text))
		var then, now []risk.Level
		if err := r.EachAt(as("ann"), start.AddDate(0, 0, 1), func(v risk.View) error { then = append(then, v.Level); return nil }); err != nil {
			t.Fatal(err)
		}
		if err := r.Each(as("ann"), func(v risk.Stood) error { now = append(now, v.Level); return nil }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(then, []risk.Level{risk.VeryHigh}) || !slices.Equal(now, []risk.Level{risk.VeryLow}) {
			t.Errorf("then %v, now %v", then, now)
		}
	})
}
