package risk

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/store"
)

// order is a list's sort, taken apart: the column, and the id where that is the same.
type order struct {
	name, column string
	number, down bool
}

// sorts are the orders a list can have; true where the column is a number.
var sorts = map[string]bool{"level": true, "created": true, "changed": true, "ends": true, "due": true, "title": false, "owner": false, "system": false}

func orderOf(sort string) (order, error) {
	if sort == "" {
		sort = "-level"
	}
	name, down := strings.CutPrefix(sort, "-")
	number, ok := sorts[name]
	if !ok {
		return order{}, fleet.Invalid("sort", fmt.Sprintf("%q is no order of this list: want level, created, changed, ends, due, title, owner or system, with - before it for the other way round", clip(sort)))
	}
	return order{name: sort, column: name, number: number, down: down}, nil
}

func (o order) by() string {
	if o.down {
		return o.column + " DESC, id DESC"
	}
	return o.column + ", id"
}

// place is where a risk stands in an order: the number or the text of its column, then its id.
type place struct {
	number   int64
	text, id string
}

// place is where r stands.
func (o order) place(r Risk) place {
	ends := int64(0)
	if r.Decision != nil {
		ends = micros(r.Decision.Ends)
	}
	numbers := map[string]int64{
		"level": int64(r.Level), "created": store.Time(r.Created), "changed": store.Time(r.Changed), "ends": ends, "due": micros(r.due()),
	}
	texts := map[string]string{"title": r.Title, "owner": r.Owner, "system": r.System}
	return place{numbers[o.column], texts[o.column], r.ID}
}

// compare tells which of two places comes first in the order.
func (o order) compare(a, b place) int {
	n := cmp.Or(cmp.Compare(a.number, b.number), strings.Compare(a.text, b.text), strings.Compare(a.id, b.id))
	if o.down {
		return -n
	}
	return n
}

// cursor holds the order and the place of the last risk of a page.
func (o order) cursor(r Risk) string {
	p := o.place(r)
	if o.number {
		return api.Cursor(o.name, strconv.FormatInt(p.number, 10), p.id)
	}
	return api.Cursor(o.name, p.text, p.id)
}

// parse reads the place that a cursor names; nil without one.
func (o order) parse(after string) (*place, error) {
	keys, ok, err := api.ParseCursor(after, 3)
	if err != nil || !ok {
		return nil, err
	}
	if keys[0] != o.name {
		return nil, fleet.Invalid("after", "is a cursor of another order: leave it out to begin at the first page")
	}
	p := place{text: keys[1], id: keys[2]}
	if o.number {
		p.text = ""
		if p.number, err = strconv.ParseInt(keys[1], 10, 64); err != nil {
			return nil, fleet.Invalid("after", "is no cursor of this list: leave it out to begin at the first page")
		}
	}
	return &p, join(text("after", keys[1], 400, false, false), text("after", keys[2], 40, true, false))
}

// beyond is the condition for what comes after a place; none without one.
func (o order) beyond(p *place) []clause {
	if p == nil {
		return nil
	}
	var key any = p.text
	if o.number {
		key = p.number
	}
	sign := ">"
	if o.down {
		sign = "<"
	}
	return []clause{{"(" + o.column + ", id) " + sign + " (?, ?)", []any{key, p.id}}}
}
