package posture

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
)

// trendKept is how long the score over time is kept; trendGap is the least time between two points.
const (
	trendKept = 400 * 24 * time.Hour
	trendGap  = time.Minute
)

// Score is how much of what applies passes, how much is measured at all, and how much of that counts still.
type Score struct {
	Passing    int      `json:"passing"`
	Measured   int      `json:"measured"`
	Applicable int      `json:"applicable"`
	Total      int      `json:"total"`
	Pass       *float64 `json:"passPercent"` // of what is applicable; null where nothing is measured
	Coverage   float64  `json:"coveragePercent"`
	Fresh      *float64 `json:"freshPercent"` // of what is measured; null where nothing is measured
	// Excepted controls fail, and every failure is covered by an exception in force. They are never in passPercent.
	Excepted       int      `json:"excepted"`
	WithExceptions *float64 `json:"withExceptionsPercent" doc:"Passing or excepted, of what is applicable; null where nothing is measured."`
	Weighted       *float64 `json:"weightedPercent" doc:"Passing, of what is applicable, each control by its weight in the active profile; null where nothing is measured."`
	Insufficient   bool     `json:"insufficientData" doc:"Nothing is measured: no percentage would mean anything."`
	// Obligations of all controls: how many something assesses.
	Obligations int `json:"obligations"`
	Assessed    int `json:"assessed"`
}

// score counts. The caller holds mu.
func (s *Service) score() (Score, map[fleet.Status]int) {
	return s.scoreOf(func(c *control) (fleet.Status, int) { return c.status, s.outcome(c).assessed })
}

// scoreOf counts controls that stand where at says, with the number of obligations that something assesses.
func (s *Service) scoreOf(at func(*control) (fleet.Status, int)) (Score, map[fleet.Status]int) {
	return s.scoreWeighed(s.Weight, at)
}

// scoreWeighed is scoreOf with the weights of another time.
func (s *Service) scoreWeighed(weight func(control string) int, at func(*control) (fleet.Status, int)) (Score, map[fleet.Status]int) {
	counts := map[fleet.Status]int{fleet.Pass: 0, fleet.Fail: 0, fleet.Excepted: 0, fleet.Stale: 0, fleet.Unknown: 0, fleet.NotAssessed: 0, fleet.NotApplicable: 0}
	sc := Score{Total: len(s.controls)}
	weighed, all := 0, 0
	for _, c := range s.controls {
		status, assessed := at(c)
		counts[status]++
		sc.Obligations += len(c.def.Obligations)
		sc.Assessed += assessed
		if w := weight(c.def.ID); status != fleet.NotApplicable {
			all += w
			if status == fleet.Pass {
				weighed += w
			}
		}
	}
	sc.Passing, sc.Excepted = counts[fleet.Pass], counts[fleet.Excepted]
	sc.Applicable = sc.Total - counts[fleet.NotApplicable]
	sc.Measured = sc.Applicable - counts[fleet.NotAssessed]
	sc.Coverage = percent(sc.Measured, sc.Applicable)
	if sc.Measured > 0 {
		pass, fresh := percent(sc.Passing, sc.Applicable), percent(sc.Measured-counts[fleet.Stale]-counts[fleet.Unknown], sc.Measured)
		with, weighted := percent(sc.Passing+sc.Excepted, sc.Applicable), percent(weighed, all)
		sc.Pass, sc.Fresh, sc.WithExceptions, sc.Weighted = &pass, &fresh, &with, &weighted
	}
	sc.Insufficient = sc.Measured == 0
	return sc, counts
}

func percent(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n*1000/of) / 10
}

// trend keeps the present score, unless one was kept a moment ago.
func (s *Service) trend(ctx context.Context, changed bool) error {
	now := s.Clock.Now()
	s.mu.Lock()
	if gap := now.Sub(s.lastTrend); gap >= 0 && gap < trendGap && changed {
		s.mu.Unlock()
		return nil
	}
	s.lastTrend = now
	sc, _ := s.score()
	s.mu.Unlock()
	return s.storeTrend(ctx, trendPoint{now, sc.Pass, sc.Coverage})
}

// announce tells open consoles that a control changed.
func (s *Service) announce(ch change) {
	s.mu.RLock()
	live := s.live
	s.mu.RUnlock()
	live("posture", access.ControlRead, ch)
}

// meters are the engine's figures for monitoring.
type meters struct {
	sweepSeconds prometheus.Gauge
	sweepVerdict prometheus.Gauge
	disagreed    prometheus.Counter
}

func (m *meters) register(s *Service) {
	m.sweepSeconds = prometheus.NewGauge(prometheus.GaugeOpts{Name: "thingward_posture_sweep_seconds", Help: "How long the last full sweep took."})
	m.sweepVerdict = prometheus.NewGauge(prometheus.GaugeOpts{Name: "thingward_posture_sweep_verdicts", Help: "Verdicts that the last full sweep computed."})
	m.disagreed = prometheus.NewCounter(prometheus.CounterOpts{Name: "thingward_posture_differences_total", Help: "Verdicts on which a full sweep and the incremental state did not agree."})
	if s.Metrics != nil {
		s.Metrics.MustRegister(m.sweepSeconds, m.sweepVerdict, m.disagreed, &statusCollector{s})
	}
}

func (m *meters) swept(r SweepReport) {
	m.sweepSeconds.Set(r.Took.Seconds())
	m.sweepVerdict.Set(float64(r.Checks))
	m.disagreed.Add(float64(r.Differences))
}

// statusCollector counts controls by status when asked.
type statusCollector struct{ s *Service }

var controlsDesc = prometheus.NewDesc("thingward_posture_controls", "Controls by status.", []string{"status"}, nil)

// Describe gives the metric's description.
func (c *statusCollector) Describe(ch chan<- *prometheus.Desc) { ch <- controlsDesc }

// Collect counts.
func (c *statusCollector) Collect(ch chan<- prometheus.Metric) {
	c.s.mu.RLock()
	_, counts := c.s.score()
	c.s.mu.RUnlock()
	for status, n := range counts {
		ch <- prometheus.MustNewConstMetric(controlsDesc, prometheus.GaugeValue, float64(n), string(status))
	}
}
