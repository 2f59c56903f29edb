package telemetry

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

const (
	defaultSpan = 24 * time.Hour
	chartMost   = 1000 // points of a rates series
)

// Routes registers telemetry's part of the API.
func (s *Service) Routes(r *api.Router) {
	s.live, s.allow = r.LiveAt, r.Allow
	api.Get(r, "/devices/{ref}/telemetry", access.TelemetryRead, api.Doc{
		Tag: "Telemetry", Summary: "A device's readings, thinned to what a chart can show", Scoped: true,
		Text: "Where a series has more points than asked for, each stretch of time keeps its least and its greatest value.",
	}, s.getTelemetry)
	api.Get(r, "/telemetry/rates", access.TelemetryRead, api.Doc{
		Tag: "Telemetry", Summary: "Message and connection rates of the last hour", Text: "They are the whole fleet's, so whoever reads one site only does not get them.",
	}, s.getRates)
}

type telemetryInput struct {
	Ref      string `path:"ref" maxLength:"80" doc:"Id or name of a device."`
	Stream   string `query:"stream" pattern:"^[A-Za-z0-9_-]{0,64}$"`
	Property string `query:"property" pattern:"^[A-Za-z0-9_-]{0,64}$"`
	From     string `query:"from" doc:"RFC 3339; a day before to unless given."`
	To       string `query:"to" doc:"RFC 3339; now unless given."`
	Points   int    `query:"points" minimum:"2" maximum:"1000" default:"500" doc:"Most points of a series."`
}

type telemetryBody struct {
	Series []Series  `json:"series"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
}

func (s *Service) getTelemetry(ctx context.Context, in *telemetryInput) (*api.One[telemetryBody], error) {
	d, typ, err := s.Fleet.Find(ctx, in.Ref)
	if err != nil {
		return nil, err
	}
	if err := s.allow(ctx, access.TelemetryRead, access.Resource{Kind: "device", ID: d.ID, System: d.System, Site: d.Site}); err != nil {
		return nil, err
	}
	from, to, err := span(in.From, in.To, s.Clock.Now())
	if err != nil {
		return nil, err
	}
	series, err := s.Read(ctx, typ, Query{Device: d.ID, Stream: in.Stream, Property: in.Property, From: from, To: to, Points: in.Points})
	return &api.One[telemetryBody]{Body: telemetryBody{series, from, to}}, err
}

// span reads from and to.
func span(from, to string, now time.Time) (f, t time.Time, err error) {
	t = now
	if to != "" {
		if t, err = time.Parse(time.RFC3339, to); err != nil {
			return f, t, fleet.Invalid("to", "want a time such as 2026-03-01T08:00:00Z (RFC 3339)")
		}
	}
	f = t.Add(-defaultSpan)
	if from != "" {
		if f, err = time.Parse(time.RFC3339, from); err != nil {
			return f, t, fleet.Invalid("from", "want a time such as 2026-03-01T08:00:00Z (RFC 3339)")
		}
	}
	if !f.Before(t) {
		return f, t, fleet.Invalid("from", "must be before to")
	}
	return f.UTC(), t.UTC(), nil
}

type ratesBody struct {
	Messages  [][2]any `json:"messages" doc:"[unix milliseconds, messages a second]"`
	Connected [][2]any `json:"connected" doc:"[unix milliseconds, live sessions]"`
	Refused   [][2]any `json:"refused" doc:"[unix milliseconds, refusals in the minute before]"`
	Now       Now      `json:"now"`
}

func (s *Service) getRates(_ context.Context, in *struct {
	Minutes int `query:"minutes" minimum:"1" maximum:"60" default:"30"`
},
) (*api.One[ratesBody], error) {
	samples := s.rates.since(s.Clock.Now().Add(-time.Duration(in.Minutes) * time.Minute))
	out := ratesBody{Messages: [][2]any{}, Connected: [][2]any{}, Refused: [][2]any{}}
	step := (len(samples) + chartMost - 1) / chartMost
	for i := 0; i < len(samples); i += max(step, 1) {
		part := samples[i:min(i+step, len(samples))]
		sum := 0.0
		for _, p := range part {
			sum += p.messages
		}
		end := part[len(part)-1]
		ms := end.at.UnixMilli()
		out.Messages = append(out.Messages, [2]any{ms, sum / float64(len(part))})
		out.Connected = append(out.Connected, [2]any{ms, end.connected})
		out.Refused = append(out.Refused, [2]any{ms, end.refused})
		out.Now = Now{Messages: end.messages, Connected: end.connected, Refused: end.refused, Time: &end.at}
	}
	return &api.One[ratesBody]{Body: out}, nil
}
