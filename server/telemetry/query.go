package telemetry

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
)

// Series is one property's readings over a time, thinned to what a chart can show. A point is [unix milliseconds, value];
// truth is 0 or 1, text is text.
type Series struct {
	Property string   `json:"property"`
	Title    string   `json:"title,omitempty"`
	Type     string   `json:"type"`
	Unit     string   `json:"unit,omitempty"`
	Stream   string   `json:"stream"`
	Points   [][2]any `json:"points"`
	Min      *float64 `json:"min,omitempty"`
	Max      *float64 `json:"max,omitempty"`
	Last     any      `json:"last,omitempty"`
}

// Query says which readings to give.
type Query struct {
	Device           string
	Stream, Property string // empty: all
	From, To         time.Time
	Points           int // most points of one series
}

// Read gives a device's readings by series. Where there are more than Points, each stretch of time keeps its least and
// its greatest value, so that no spike is lost.
func (s *Service) Read(ctx context.Context, typ *fleet.DeviceType, q Query) ([]Series, error) {
	found, err := s.findSeries(ctx, q)
	if err != nil {
		return nil, err
	}
	out := []Series{}
	for _, f := range found {
		series := describe(typ, f)
		if err := s.readSeries(ctx, f.id, q, &series); err != nil {
			return nil, err
		}
		if len(series.Points) > 0 {
			out = append(out, series)
		}
	}
	return out, nil
}

func describe(typ *fleet.DeviceType, f seriesRow) Series {
	out := Series{Property: f.property, Stream: f.stream, Type: "number", Unit: healthUnits[f.property], Points: [][2]any{}}
	if typ == nil {
		return out
	}
	if p, ok := typ.Properties[f.property]; ok && p.Stream == f.stream {
		out.Type, out.Unit, out.Title = p.Type, p.Unit, p.Title
	}
	return out
}

// thin takes points in order of time and keeps at most so many.
type thin struct {
	most    int
	from    int64 // first and last time there is, microseconds
	width   int64 // of a bucket
	raw     []stored
	buckets []bucket
	min     stored
	max     stored
	last    stored
	texts   bool
	any     bool
}

type stored struct {
	ts    int64
	value float64
	text  *string
}

type bucket struct {
	used     bool
	min, max stored
}

func newThin(most int, from, to int64) *thin {
	buckets := max(1, most/2)
	return &thin{most: most, from: from, width: (to-from)/int64(buckets) + 1, buckets: make([]bucket, buckets)}
}

func (t *thin) add(p stored) {
	if p.text != nil {
		t.texts = true
		if t.any && t.last.text != nil && *t.last.text == *p.text {
			t.last = p
			return // only changes of text are shown
		}
	}
	if !t.any || p.value < t.min.value {
		t.min = p
	}
	if !t.any || p.value > t.max.value {
		t.max = p
	}
	t.any, t.last = true, p
	if len(t.raw) <= t.most {
		t.raw = append(t.raw, p)
	} else if t.texts { // the newest changes
		t.raw = append(t.raw[1:], p)
	}
	b := &t.buckets[min(int((p.ts-t.from)/t.width), len(t.buckets)-1)]
	if !b.used {
		*b = bucket{true, p, p}
		return
	}
	if p.value < b.min.value {
		b.min = p
	}
	if p.value > b.max.value {
		b.max = p
	}
}

// into fills a series.
func (t *thin) into(s *Series) {
	if !t.any {
		return
	}
	if t.texts {
		raw := t.raw[max(0, len(t.raw)-t.most):]
		for _, p := range raw {
			s.Points = append(s.Points, p.shown())
		}
		s.Last = t.last.shown()[1]
		return
	}
	s.Min, s.Max, s.Last = &t.min.value, &t.max.value, t.last.value
	if len(t.raw) <= t.most {
		for _, p := range t.raw {
			s.Points = append(s.Points, p.shown())
		}
		return
	}
	for _, b := range t.buckets {
		if !b.used {
			continue
		}
		first, second := b.min, b.max
		if second.ts < first.ts {
			first, second = second, first
		}
		s.Points = append(s.Points, first.shown())
		if second.ts != first.ts {
			s.Points = append(s.Points, second.shown())
		}
	}
}

func (p stored) shown() [2]any {
	if p.text != nil {
		return [2]any{p.ts / 1000, *p.text}
	}
	return [2]any{p.ts / 1000, p.value}
}
