package detect

import "github.com/prometheus/client_golang/prometheus"

// metrics are what detection tells about itself.
type metrics struct {
	events     prometheus.Counter
	again      prometheus.Counter
	late       *prometheus.CounterVec
	alerts     *prometheus.CounterVec
	delay      prometheus.Histogram
	evicted    *prometheus.CounterVec
	faults     *prometheus.CounterVec
	deliveries *prometheus.CounterVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	rule := []string{"rule"}
	m := &metrics{
		events:     prometheus.NewCounter(prometheus.CounterOpts{Name: "thingward_detect_events_total", Help: "Events handled, each once."}),
		again:      prometheus.NewCounter(prometheus.CounterOpts{Name: "thingward_detect_events_again_total", Help: "Events that came again and were known."}),
		late:       prometheus.NewCounterVec(prometheus.CounterOpts{Name: "thingward_detect_events_late_total", Help: "Events too far behind to count, by rule."}, rule),
		alerts:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "thingward_detect_alerts_total", Help: "Alerts raised, by severity."}, []string{"severity"}),
		delay:      prometheus.NewHistogram(prometheus.HistogramOpts{Name: "thingward_detect_delay_seconds", Help: "From the event that crosses a threshold to its alert.", Buckets: prometheus.ExponentialBuckets(0.001, 2, 16)}),
		evicted:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "thingward_detect_subjects_evicted_total", Help: "Subjects forgotten for want of room, by rule."}, rule),
		faults:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "thingward_detect_rule_faults_total", Help: "Times a rule failed on an event."}, rule),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "thingward_detect_deliveries_total", Help: "Attempts to deliver an alert, by kind of route and result."}, []string{"kind", "result"}),
	}
	if r != nil {
		r.MustRegister(m.events, m.again, m.late, m.alerts, m.delay, m.evicted, m.faults, m.deliveries)
	}
	return m
}
