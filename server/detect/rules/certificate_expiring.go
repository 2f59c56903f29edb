package rules

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/detect"
)

// CertificateExpiring is CRD-10: a certificate that nears its end without having been renewed. Renewal or revocation clears it.
func CertificateExpiring() detect.Rule {
	return detect.Rule{
		ID: "CRD-10/certificate-expiring", Control: "CRD-10", Severity: fleet.Medium,
		Title:     "A certificate was not renewed and nears its end",
		Text:      "Renewal should have happened by itself. See whether the device is connected and what its last refused enrolment says; if it cannot renew, make a claim for it and enrol it again before the certificate ends.",
		Events:    []string{"certificate.expiring", "certificate.renewed", "certificate.revoked"},
		Key:       certificate,
		Threshold: 1, Window: time.Hour,
		Clears: func(ev fleet.Event) bool { return ev.Type != "certificate.expiring" },
	}
}

// certificate is the one that ends: the previous one where the event is about its successor.
func certificate(ev fleet.Event) (fleet.Party, bool) {
	serial, name := text(ev, "serial"), ev.Receiver.Name
	if ev.Type == "certificate.renewed" {
		serial = text(ev, "previous")
	}
	if name == "" {
		name = text(ev, "subject")
	}
	return fleet.Party{Kind: "certificate", ID: serial, Name: name}, serial != ""
}
