package registry

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/api"
)

// Listed is a device with what the other domains know of it.
type Listed struct {
	fleet.Device
	Connected          bool             `json:"connected"`
	Address            string           `json:"address,omitempty"`
	LastSeen           *time.Time       `json:"lastSeen,omitempty"`
	Firmware           string           `json:"firmware,omitempty"`
	Posture            *Counts          `json:"posture,omitempty"`
	CertificateExpires *time.Time       `json:"certificateExpires,omitempty"`
	Health             *protocol.Health `json:"health,omitempty"` // of one device only, not in lists
}

// Filter says which devices a list holds, in which order and from where.
type Filter struct {
	Query, Type, Site, System, State string
	Connected                        *bool
	Status                           string // fail, unknown or pass: by the device's checks
	Sort                             string // a key of sorts, "-" before it for the other way round
	Limit                            int
	After                            string
}

// sorts are the orders a list can have; each walks an index.
var sorts = map[string][]string{
	"name": {"d.name"}, "created": {"d.id"}, "changed": {"d.changed", "d.id"},
	"type": {"d.type", "d.name"}, "site": {"d.site", "d.name"}, "system": {"d.system", "d.name"}, "state": {"d.state", "d.name"},
}

// scanMost bounds how many devices one request looks at where a filter is not in the database (connected, status). The
// page is then short, with a cursor that goes on.
const scanMost = 20_000

// order is a Filter's sort, taken apart.
type order struct {
	name    string
	columns []string
	down    bool
}

func orderOf(sort string) (order, error) {
	name, down := strings.CutPrefix(sort, "-")
	if name == "" {
		name = "name"
	}
	columns, ok := sorts[name]
	if !ok {
		return order{}, fleet.Invalid("sort", fmt.Sprintf("%q is no order of this list: want name, created, changed, type, site, system or state, with - before it for the other way round", clip(sort)))
	}
	return order{name, columns, down}, nil
}

// cursor holds the sort and the keys of the last device of a page.
func (o order) cursor(d fleet.Device) string {
	keys := map[string]string{
		"d.name": d.Name, "d.id": d.ID, "d.changed": strconv.FormatInt(d.Changed.UnixMicro(), 10),
		"d.type": d.Type, "d.site": d.Site, "d.system": d.System, "d.state": string(d.State),
	}
	out := []string{o.name}
	for _, c := range o.columns {
		out = append(out, keys[c])
	}
	return api.Cursor(out...)
}

// beyond is the clause for what comes after a cursor.
func (o order) beyond(after string) (c clause, err error) {
	keys, ok, err := api.ParseCursor(after, len(o.columns)+1)
	if err != nil || !ok {
		return c, err
	}
	if keys[0] != o.name {
		return c, fleet.Invalid("after", "is a cursor of another order: leave it out to begin at the first page")
	}
	for i, column := range o.columns {
		if err := plain("after", keys[i+1], 200); err != nil {
			return c, err
		}
		if column != "d.changed" {
			c.args = append(c.args, keys[i+1])
			continue
		}
		us, err := strconv.ParseInt(keys[i+1], 10, 64)
		if err != nil {
			return c, fleet.Invalid("after", "is no cursor of this list: leave it out to begin at the first page")
		}
		c.args = append(c.args, us)
	}
	sign := ">"
	if o.down {
		sign = "<"
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(o.columns)), ", ")
	c.sql = "(" + strings.Join(o.columns, ", ") + ") " + sign + " (" + marks + ")"
	return c, nil
}

func (o order) by() string {
	if !o.down {
		return strings.Join(o.columns, ", ")
	}
	return strings.Join(o.columns, " DESC, ") + " DESC"
}

// List lists devices.
func (s *Service) List(ctx context.Context, f Filter) (api.Page[Listed], error) {
	o, err := orderOf(f.Sort)
	if err != nil {
		return api.Page[Listed]{}, err
	}
	where, few, err := s.where(ctx, f)
	if err != nil {
		return api.Page[Listed]{}, err
	}
	page := api.Page[Listed]{Items: []Listed{}}
	if f.Connected == nil && f.Status == "" && f.After == "" {
		if page.Total, err = s.total(ctx, f, where, few); err != nil {
			return page, err
		}
	}
	err = s.fill(ctx, f, o, where, &page)
	return page, err
}

// where turns the filters that the database knows into clauses.
func (s *Service) where(ctx context.Context, f Filter) (out []clause, few bool, err error) {
	for _, eq := range []struct{ column, value string }{{"d.type", f.Type}, {"d.site", f.Site}, {"d.system", f.System}, {"d.state", f.State}} {
		if err := plain(eq.column[2:], eq.value, 128); err != nil {
			return nil, false, err
		}
		if eq.value != "" {
			out = append(out, clause{eq.column + " = ?", []any{eq.value}})
		}
	}
	if f.State != "" && !slices.Contains([]fleet.State{fleet.Registered, fleet.Quarantined, fleet.Active, fleet.Suspended, fleet.Retired}, fleet.State(f.State)) {
		return nil, false, fleet.Invalid("state", "want registered, quarantined, active, suspended or retired")
	}
	if strings.TrimSpace(f.Query) == "" {
		return out, false, nil
	}
	c, few, err := s.searchClause(ctx, f.Query)
	return append(out, c), few, err
}

// fill reads rows in the list's order until the page is full, adding what other domains know and leaving out what their
// filters do not want.
func (s *Service) fill(ctx context.Context, f Filter, o order, where []clause, page *api.Page[Listed]) error {
	after := f.After
	filtered := f.Connected != nil || f.Status != ""
	for seen := 0; ; {
		batch := f.Limit + 1
		if filtered {
			batch = 1000
		}
		beyond, err := o.beyond(after)
		if err != nil {
			return err
		}
		rows, err := s.readDevices(ctx, append(slices.Clone(where), beyond), o, batch)
		if err != nil {
			return err
		}
		if err := s.enrich(ctx, rows, f.Status != ""); err != nil {
			return err
		}
		for _, r := range rows {
			if len(page.Items) == f.Limit {
				page.Next = o.cursor(page.Items[f.Limit-1].Device)
				return s.decorate(ctx, page.Items)
			}
			if f.wants(r) {
				page.Items = append(page.Items, r)
			}
		}
		if seen += len(rows); len(rows) < batch {
			return s.decorate(ctx, page.Items)
		}
		after = o.cursor(rows[len(rows)-1].Device)
		if seen >= scanMost {
			page.Next = after
			return s.decorate(ctx, page.Items)
		}
	}
}

func (f Filter) wants(r Listed) bool {
	if f.Connected != nil && *f.Connected != r.Connected {
		return false
	}
	switch {
	case f.Status == "":
		return true
	case r.Posture == nil:
		return f.Status == string(fleet.Unknown)
	case f.Status == string(fleet.Fail):
		return r.Posture.Fail > 0
	case f.Status == string(fleet.Unknown):
		return r.Posture.Unknown > 0
	default:
		return r.Posture.Fail == 0 && r.Posture.Unknown == 0
	}
}

// enrich adds what filters may look at: whether a device is connected and, if wanted, its posture.
func (s *Service) enrich(ctx context.Context, rows []Listed, posture bool) error {
	if s.readers.Connections != nil {
		for i := range rows {
			_, rows[i].Address, rows[i].Connected = s.readers.Connections.Connected("device", rows[i].ID)
		}
	}
	if !posture {
		return nil
	}
	return s.addPosture(ctx, rows)
}

func (s *Service) addPosture(ctx context.Context, rows []Listed) error {
	if s.readers.Posture == nil || len(rows) == 0 {
		return nil
	}
	counts, err := s.readers.Posture.Counts(ctx, idsOf(rows))
	if err != nil {
		return err
	}
	for i := range rows {
		if c, ok := counts[rows[i].ID]; ok {
			rows[i].Posture = &c
		}
	}
	return nil
}

// decorate adds what is only shown, to the rows of one page.
func (s *Service) decorate(ctx context.Context, rows []Listed) error {
	if len(rows) == 0 {
		return nil
	}
	if rows[0].Posture == nil {
		if err := s.addPosture(ctx, rows); err != nil {
			return err
		}
	}
	if s.readers.Vitals != nil {
		for i := range rows {
			if at, ok := s.readers.Vitals.LastSeen(ctx, rows[i].ID); ok {
				rows[i].LastSeen = &at
			}
		}
	}
	if s.readers.Certificates == nil {
		return nil
	}
	ends, err := s.readers.Certificates.Expires(ctx, "device", idsOf(rows))
	if err != nil {
		return err
	}
	for i := range rows {
		if at, ok := ends[rows[i].ID]; ok {
			rows[i].CertificateExpires = &at
		}
	}
	return nil
}

func idsOf(rows []Listed) []string {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	return ids
}

// Detail is one device with all that is known of it.
func (s *Service) Detail(ctx context.Context, ref string) (Listed, error) {
	d, err := s.Device(ctx, ref)
	if err != nil {
		return Listed{}, err
	}
	rows := []Listed{{Device: d}}
	if rows[0].Firmware, err = s.firmware(ctx, d.ID); err != nil {
		return rows[0], err
	}
	if err := s.enrich(ctx, rows, true); err != nil {
		return rows[0], err
	}
	if s.readers.Vitals != nil {
		if h, ok := s.readers.Vitals.Health(ctx, d.ID); ok {
			rows[0].Health = &h
		}
	}
	err = s.decorate(ctx, rows)
	return rows[0], err
}
