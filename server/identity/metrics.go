package identity

import "github.com/prometheus/client_golang/prometheus"

// metrics counts what the certificate authority does and refuses.
type metrics struct {
	issued   *prometheus.CounterVec
	refused  *prometheus.CounterVec
	revoked  prometheus.Counter
	answered *prometheus.CounterVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		issued:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "thingward_certificates_issued_total", Help: "Certificates issued, by how the subject proved itself."}, []string{"by"}),
		refused:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "thingward_enrolments_refused_total", Help: "Enrolments and renewals refused, by code; unauthenticated includes clients that had not tried yet."}, []string{"code"}),
		revoked:  prometheus.NewCounter(prometheus.CounterOpts{Name: "thingward_certificates_revoked_total", Help: "Certificates revoked."}),
		answered: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "thingward_ocsp_answers_total", Help: "OCSP responses by status; kept ones needed no signature."}, []string{"status"}),
	}
	if r != nil {
		r.MustRegister(m.issued, m.refused, m.revoked, m.answered)
	}
	return m
}
