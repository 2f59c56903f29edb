package detect

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
)

// Rule says which events of a subject make an alert. Its functions are pure.
type Rule struct {
	ID       string // control/what: MSU-04/failed-logins
	Control  string
	Title    string
	Text     string // what it means and what to look at first
	Severity fleet.Severity
	// Events are the types the rule looks at; no other event costs it anything.
	Events []string
	// Key is whom the event counts against; ok is false for an event that does not concern the rule.
	Key func(fleet.Event) (subject fleet.Party, ok bool)
	// Threshold is how much must come together within Window to cross; the Threshold-th raises the alert. With 1 the first
	// event does, and nothing is counted.
	Threshold int
	Window    time.Duration
	// Resets marks events that end a sequence: what came before them no longer counts with what comes after.
	Resets func(fleet.Event) bool
	// Clears marks events that show that the condition is over. The alert notes it and waits to be closed by a person.
	Clears func(fleet.Event) bool
	// Count is how much an event counts (an event may stand for several); 1 unless set.
	Count func(fleet.Event) int
	// Distinct, if set, makes the rule count different values instead of events.
	Distinct func(fleet.Event) string
	// Respond allows policy to quarantine the subject, where it is a device.
	Respond bool
}

const (
	thresholdMost = 500
	windowMost    = 24 * time.Hour
	countMost     = 1_000_000
)

// check refuses a rule that cannot work, naming it.
func (r *Rule) check() error {
	var fault string
	switch {
	case r.ID == "" || !strings.HasPrefix(r.ID, r.Control+"/"):
		fault = "its id must be its control, a stroke and a name"
	case r.Control == "" || r.Title == "" || r.Text == "":
		fault = "control, title and text are required"
	case r.Severity.Rank() < 0:
		fault = "it has no severity"
	case r.Key == nil || len(r.Events) == 0:
		fault = "it names no events or no subject"
	case r.Threshold < 1 || r.Threshold > thresholdMost:
		fault = fmt.Sprintf("its threshold must be 1 to %d", thresholdMost)
	case r.Threshold > 1 && (r.Window <= 0 || r.Window > windowMost):
		fault = fmt.Sprintf("a threshold needs a window, of at most %v", windowMost)
	}
	for _, typ := range r.Events {
		if _, known := fleet.EventTypes[typ]; !known {
			fault = fmt.Sprintf("%q is not in the event catalogue", typ)
		}
		if strings.HasPrefix(typ, "alert.") {
			fault = "an alert cannot be raised by alerts: it would feed itself"
		}
	}
	if fault != "" {
		return fmt.Errorf("detection rule %s: %s", r.ID, fault)
	}
	return nil
}

// active is a rule with the settings in force.
type active struct {
	*Rule
	threshold int
	window    time.Duration
	routes    []string // empty: every route by severity
	custom    bool
}

// ruleset is the shelf with its settings, indexed by event type. It is replaced, never changed.
type ruleset struct {
	all    []*active
	byType map[string][]*active
}

func (s *ruleset) find(id string) *active {
	i := slices.IndexFunc(s.all, func(a *active) bool { return a.ID == id })
	if i < 0 {
		return nil
	}
	return s.all[i]
}

// reload puts the shelf and the stored settings together.
func (s *Service) reload(ctx context.Context) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	stored, err := s.readSettings(ctx)
	if err != nil {
		return err
	}
	set := &ruleset{byType: map[string][]*active{}}
	for i := range s.Rules {
		r := &s.Rules[i]
		a := &active{Rule: r, threshold: r.Threshold, window: r.Window}
		if set, ok := stored[r.ID]; ok {
			a.threshold, a.window, a.routes, a.custom = set.Threshold, time.Duration(set.Window)*time.Second, set.Routes, true
		}
		set.all = append(set.all, a)
		for _, typ := range r.Events {
			set.byType[typ] = append(set.byType[typ], a)
		}
	}
	s.set.Store(set)
	return nil
}

// hit is what an event means to a rule.
type hit struct {
	rule     *active
	subject  fleet.Party
	resets   bool
	clears   bool
	n        int
	distinct string
}

// match asks a rule about an event. A rule that panics is counted and has no say: one fault must not stop detection.
func (s *Service) match(r *active, ev fleet.Event) (h hit, ok bool) {
	defer func() {
		if p := recover(); p != nil {
			s.metrics.faults.WithLabelValues(r.ID).Inc()
			s.Log.Error("detection rule failed", "rule", r.ID, "event", ev.ID, "type", ev.Type, "panic", p)
			h, ok = hit{}, false
		}
	}()
	subject, ok := r.Key(ev)
	if !ok || subject.Kind == "" || subject.ID == "" {
		return hit{}, false
	}
	h = hit{rule: r, subject: cleanParty(subject), n: 1}
	h.resets = r.Resets != nil && r.Resets(ev)
	h.clears = r.Clears != nil && r.Clears(ev)
	if r.Count != nil {
		h.n = min(max(r.Count(ev), 1), countMost)
	}
	if r.Distinct != nil {
		h.distinct = digest(r.Distinct(ev))
	}
	return h, true
}
