package detect

import (
	"context"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

// Routes registers what detect answers over HTTP.
func (s *Service) Routes(r *api.Router) {
	if s.Live == nil {
		s.Live = r.Live
	}
	const events, alerts = "Events", "Alerts"
	api.Get(r, "/events", access.EventRead, api.Doc{Tag: events, Summary: "Search events, newest first", Text: "With format=ocsf each item is an Open Cybersecurity Schema Framework object."}, s.getEvents)
	api.Get(r, "/event-types", access.EventRead, api.Doc{Tag: events, Summary: "The event catalogue"}, s.getEventTypes)
	api.Get(r, "/alerts", access.AlertRead, api.Doc{Tag: alerts, Summary: "List alerts, newest first"}, s.getAlerts)
	api.Get(r, "/alerts/{id}", access.AlertRead, api.Doc{Tag: alerts, Summary: "Read an alert and its deliveries"}, s.getAlert)
	api.Post(r, "/alerts/{id}/ack", access.AlertWrite, "alert.acknowledged", api.Doc{Tag: alerts, Summary: "Take an alert on"}, s.postAck)
	api.Post(r, "/alerts/{id}/close", access.AlertWrite, "alert.closed", api.Doc{Tag: alerts, Summary: "Close an alert with its cause and remedy"}, s.postClose)
	api.Get(r, "/rules", access.AlertRead, api.Doc{Tag: alerts, Summary: "The detection rules with the settings in force"}, s.getRules)
	api.Put(r, "/rules", access.RouteWrite, "rule.changed", api.Doc{Tag: alerts, Summary: "Replace the thresholds that differ from the shelf's", Text: "A threshold that no route would carry is refused."}, s.putRules)
	api.Get(r, "/routes", access.AlertRead, api.Doc{Tag: alerts, Summary: "Where alerts go", Text: "Secrets are never shown."}, s.getRoutes)
	api.Put(r, "/routes", access.RouteWrite, "route.changed", api.Doc{Tag: alerts, Summary: "Replace where alerts go"}, s.putRoutes)
}

func (s *Service) getEvents(ctx context.Context, in *eventQuery) (*api.List[EventItem], error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	items, err := s.Events(ctx, f)
	if err != nil {
		return nil, err
	}
	for i := range items {
		items[i].ocsf = in.Format == "ocsf"
	}
	return api.NewList(items, in.Limit, nil, func(e EventItem) string { return cursorOf(e.Time, e.ID) }), nil
}

func (s *Service) getEventTypes(context.Context, *struct{}) (*api.List[fleet.EventType], error) {
	var types []fleet.EventType
	for _, name := range fleet.EventTypeNames() {
		types = append(types, fleet.EventTypes[name])
	}
	total := len(types)
	return api.NewList(types, total, &total, nil), nil
}

type alertQuery struct {
	api.PageInput
	Text     string `query:"q" maxLength:"200" doc:"Part of the title, the rule or the subject."`
	State    string `query:"state" maxLength:"100" doc:"States, comma separated."`
	Severity string `query:"severity" maxLength:"100" doc:"Severities, comma separated."`
	Rule     string `query:"rule" maxLength:"200" doc:"A rule's id, or its control."`
	Subject  string `query:"subject" maxLength:"300" doc:"Id or name of the subject."`
}

func (q *alertQuery) filter() (f AlertFilter, err error) {
	f = AlertFilter{Rule: q.Rule, Subject: q.Subject, Text: q.Text, Limit: q.Limit + 1}
	for field, text := range map[string]string{"rule": q.Rule, "subject": q.Subject, "q": q.Text} {
		if err := noZero(field, text); err != nil {
			return f, err
		}
	}
	if f.States, err = words("state", q.State, []string{string(Open), string(Acknowledged), string(Closed)}, "is no state: want open, acknowledged or closed"); err != nil {
		return f, err
	}
	if f.Severities, err = words("severity", q.Severity, severityNames(), "is no severity: want info, low, medium, high or critical"); err != nil {
		return f, err
	}
	f.Before, f.BeforeID, err = pageStart(q.After)
	return f, err
}

func (s *Service) getAlerts(ctx context.Context, in *alertQuery) (*api.List[*Alert], error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	items, total, err := s.Alerts(ctx, f)
	if err != nil {
		return nil, err
	}
	return api.NewList(items, in.Limit, &total, func(al *Alert) string { return cursorOf(al.Raised, al.ID) }), nil
}

type alertInput struct {
	ID string `path:"id" maxLength:"64"`
}

type closeInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Cause  string `json:"cause" maxLength:"2000" doc:"What caused it."`
		Remedy string `json:"remedy" maxLength:"2000" doc:"What was done about it."`
	}
}

func one(al *Alert, err error) (*api.One[*Alert], error) {
	if err != nil {
		return nil, err
	}
	return &api.One[*Alert]{Body: al}, nil
}

func (s *Service) getAlert(ctx context.Context, in *alertInput) (*api.One[*Alert], error) {
	return one(s.Alert(ctx, in.ID))
}

func (s *Service) postAck(ctx context.Context, in *alertInput) (*api.One[*Alert], error) {
	return one(s.Acknowledge(ctx, in.ID))
}

func (s *Service) postClose(ctx context.Context, in *closeInput) (*api.One[*Alert], error) {
	return one(s.CloseAlert(ctx, in.ID, in.Body.Cause, in.Body.Remedy))
}

func (s *Service) getRules(ctx context.Context, _ *struct{}) (*api.List[RuleView], error) {
	return ruleList(s.RuleViews(ctx))
}

func ruleList(views []RuleView, err error) (*api.List[RuleView], error) {
	if err != nil {
		return nil, err
	}
	total := len(views)
	return api.NewList(views, total, &total, nil), nil
}

type rulesInput struct {
	Body struct {
		Rules []Setting `json:"rules" maxItems:"200"`
	}
}

func (s *Service) putRules(ctx context.Context, in *rulesInput) (*api.List[RuleView], error) {
	return ruleList(s.SetRules(ctx, in.Body.Rules))
}

// routesBody is what GET /routes shows and PUT /routes takes.
type routesBody struct {
	Routes []Route `json:"routes" maxItems:"20"`
}

type routesInput struct{ Body routesBody }

func (s *Service) getRoutes(ctx context.Context, _ *struct{}) (*api.One[routesBody], error) {
	return routesOutput(s.Destinations(ctx))
}

func (s *Service) putRoutes(ctx context.Context, in *routesInput) (*api.One[routesBody], error) {
	return routesOutput(s.SetDestinations(ctx, in.Body.Routes))
}

func routesOutput(routes []Route, err error) (*api.One[routesBody], error) {
	if err != nil {
		return nil, err
	}
	if routes == nil {
		routes = []Route{}
	}
	return &api.One[routesBody]{Body: routesBody{routes}}, nil
}
