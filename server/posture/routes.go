package posture

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/posture/catalogue"
)

const tag = "Posture"

// Routes registers the posture API and keeps the live stream for changes of controls.
func (s *Service) Routes(r *api.Router) {
	s.mu.Lock()
	s.live = r.Live
	s.mu.Unlock()
	s.exceptionRoutes(r)
	s.findingRoutes(r)
	s.pastRoutes(r)
	s.whatIfRoutes(r)
	api.Get(r, "/posture", access.ControlRead, api.Doc{Tag: tag, Summary: "Where all controls stand"}, s.getPosture)
	api.Get(r, "/controls", access.ControlRead, api.Doc{Tag: tag, Summary: "Controls with their status"}, s.listControls)
	api.Get(r, "/controls/{id}", access.ControlRead, api.Doc{Tag: tag, Summary: "A control and why it stands where it stands"}, s.getControl)
	api.Get(r, "/controls/{id}/objects", access.ControlRead, api.Doc{Tag: tag, Summary: "What a control's checks say about each subject"}, s.listObjects)
	api.Get(r, "/controls/{id}/history", access.ControlRead, api.Doc{
		Tag: tag, Summary: "Changes of a control's status, or of one of its checks, newest first",
		Text: "With check, each item says how many subjects stood where from then on; the oldest is the one that held when the days began. Steps older than seven days are thinned to ten minutes.",
	}, s.listHistory)
	api.Post(r, "/controls/{id}/run", access.ControlWrite, "control.run", api.Doc{Tag: tag, Summary: "Make a control's checks and self-tests now"}, s.runControl)
	api.Get(r, "/devices/{ref}/posture", access.DeviceRead, api.Doc{Tag: tag, Summary: "What checks say about a device", Scoped: true}, func(ctx context.Context, in *deviceInput) (*api.List[ObjectView], error) {
		return s.getDevicePosture(ctx, in, r.Allow)
	})
	s.frameworkRoutes(r)
}

// AtInput asks for a past moment.
type AtInput struct {
	At time.Time `query:"at" doc:"As it stood at this past moment, with what proves it."`
}

func (s *Service) getPosture(ctx context.Context, in *AtInput) (*api.One[Overview], error) {
	o, err := s.Overview(ctx)
	if !in.At.IsZero() {
		o, err = s.OverviewAt(ctx, in.At)
	}
	if err != nil {
		return nil, err
	}
	return &api.One[Overview]{Body: o}, nil
}

type controlsInput struct {
	api.PageInput
	AtInput
	Domain string `query:"domain" maxLength:"16" doc:"Only controls of this domain, such as COM."`
	Status string `query:"status" enum:"pass,fail,excepted,not-applicable,unknown,stale,not-assessed" doc:"Only controls with this status."`
	Query  string `query:"q" maxLength:"200" doc:"Only controls whose id, title or statement contains this."`
}

// listed is a control in a list, with the number of its checks.
type listed struct {
	ControlSummary
	Checks int `json:"checks"`
}

// listedControls is a page of controls; of a past moment it says what proves it.
type listedControls struct {
	Body struct {
		api.Page[listed]
		AsOf *AsOf `json:"asOf,omitempty"`
	}
}

func (s *Service) listControls(ctx context.Context, in *controlsInput) (*listedControls, error) {
	after, from, err := s.controlCursor(in.After)
	if err != nil {
		return nil, err
	}
	var past *Past
	if !in.At.IsZero() {
		if past, err = s.Past(ctx, in.At); err != nil {
			return nil, err
		}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []listed
	total, reached := 0, !from
	for _, c := range s.controls {
		if status := s.standingOf(c, past); in.matches(c, status) {
			total++
			if reached && len(out) <= in.Limit {
				out = append(out, s.listed(c, past))
			}
		}
		reached = reached || c.def.ID == after
	}
	page := &listedControls{}
	page.Body.Page = api.NewList(out, in.Limit, &total, func(c listed) string { return api.Cursor(c.ID) }).Body
	if past != nil {
		page.Body.AsOf = past.asOf()
	}
	return page, nil
}

func (s *Service) standingOf(c *control, past *Past) fleet.Status {
	if past == nil {
		return c.status
	}
	status, _, _ := past.Status(c.def.ID)
	return status
}

func (s *Service) listed(c *control, past *Past) listed {
	if past != nil {
		sum := s.summaryAt(c, past)
		return listed{sum, sum.Checks}
	}
	sum, _ := s.summary(c)
	return listed{sum, sum.Checks}
}

func (in *controlsInput) matches(c *control, status fleet.Status) bool {
	q := strings.ToLower(in.Query)
	return (in.Domain == "" || c.def.Domain == in.Domain) && (in.Status == "" || string(status) == in.Status) &&
		(q == "" || strings.Contains(strings.ToLower(c.def.ID+" "+c.def.Title+" "+c.def.Statement), q))
}

func (s *Service) controlCursor(cursor string) (after string, ok bool, err error) {
	keys, ok, err := api.ParseCursor(cursor, 1)
	if err != nil || !ok {
		return "", false, err
	}
	if s.byID[keys[0]] == nil {
		return "", false, fleet.Invalid("after", "is no cursor of this list: begin without one")
	}
	return keys[0], true, nil
}

type controlInput struct {
	ID string `path:"id" maxLength:"32" doc:"A control's identifier, such as COM-01."`
}

func (s *Service) find(id string) (*control, error) {
	id = strings.TrimPrefix(id, catalogue.FrameworkID+"/")
	if c := s.byID[strings.ToUpper(id)]; c != nil {
		return c, nil
	}
	return nil, fleet.Errorf(fleet.CodeNotFound, "there is no control %q: thingward control list shows them all", id)
}

// controlAtInput names a control, and perhaps a past moment.
type controlAtInput struct {
	ID string `path:"id" maxLength:"32" doc:"A control's identifier, such as COM-01."`
	AtInput
}

func (s *Service) getControl(ctx context.Context, in *controlAtInput) (*api.One[ControlView], error) {
	if !in.At.IsZero() {
		v, err := s.ControlAt(ctx, in.ID, in.At)
		if err != nil {
			return nil, err
		}
		return &api.One[ControlView]{Body: v}, nil
	}
	c, err := s.find(in.ID)
	if err != nil {
		return nil, err
	}
	exceptions, err := s.ControlExceptions(ctx, c.def.ID)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	v := s.view(c)
	v.Exceptions = exceptions
	return &api.One[ControlView]{Body: v}, nil
}

type objectsInput struct {
	ID string `path:"id" maxLength:"32" doc:"A control's identifier, such as COM-01."`
	api.PageInput
	Status string `query:"status" enum:"pass,fail,not-applicable,unknown,stale" doc:"Only observations with this status."`
}

func (s *Service) listObjects(_ context.Context, in *objectsInput) (*api.List[ObjectView], error) {
	c, err := s.find(in.ID)
	if err != nil {
		return nil, err
	}
	keys, from, err := api.ParseCursor(in.After, 2)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []ObjectView
	total := 0
	for _, i := range c.checks {
		var subjects []*subject
		for _, sub := range s.state.populations[s.Checks[i].Subject].subjects {
			status := sub.obs[s.state.place[i]].status
			if status != codeNone && (in.Status == "" || string(statusOf[status]) == in.Status) {
				total++
				if !from || s.Checks[i].ID > keys[0] || (s.Checks[i].ID == keys[0] && sub.ID > keys[1]) {
					subjects = append(subjects, sub)
				}
			}
		}
		slices.SortFunc(subjects, func(a, b *subject) int { return cmp.Compare(a.ID, b.ID) })
		for _, sub := range subjects[:min(len(subjects), in.Limit+1)] {
			out = append(out, s.object(i, sub))
		}
	}
	slices.SortStableFunc(out, func(a, b ObjectView) int { return cmp.Compare(a.Check, b.Check) })
	return api.NewList(out, in.Limit, &total, func(o ObjectView) string { return api.Cursor(o.Check, o.Subject.ID) }), nil
}

type deviceInput struct {
	Ref string `path:"ref" maxLength:"64" doc:"A device's id or name."`
}

func (s *Service) getDevicePosture(ctx context.Context, in *deviceInput, allow func(context.Context, access.Permission, access.Resource) error) (*api.List[ObjectView], error) {
	src, p := s.sources[Device], s.state.populations[Device]
	if src == nil || p == nil {
		return nil, fleet.Errorf(fleet.CodeUnavailable, "nothing here evaluates devices: look at the server's log")
	}
	f, ok, err := src.One(ctx, in.Ref)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fleet.Errorf(fleet.CodeNotFound, "there is no device %q: thingward device list shows them all", in.Ref)
	}
	on := access.Resource{Kind: "device", ID: f.Ref().ID}
	if d, ok := f.(*DeviceFacts); ok {
		on.System, on.Site = d.Device.System, d.Device.Site
	}
	if err := allow(ctx, access.DeviceRead, on); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []ObjectView
	if sub := p.subjects[f.Ref().ID]; sub != nil {
		for k, i := range p.checks {
			if sub.obs[k].status != codeNone {
				out = append(out, s.object(i, sub))
			}
		}
	}
	slices.SortFunc(out, func(a, b ObjectView) int { return cmp.Compare(a.Check, b.Check) })
	total := len(out)
	return api.NewList(out, max(total, 1), &total, func(ObjectView) string { return "" }), nil
}
