package identity

import (
	"context"
	"crypto/x509"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/store"
)

// makerOf verifies a manufacturer certificate against every anchor and tells whose it is.
func (s *Service) makerOf(chain []*x509.Certificate) (maker, error) {
	if len(chain) > chainMost {
		return maker{}, fleet.Errorf(fleet.CodeForbidden, "the certificate chain has %d parts, want at most %d: send the device's certificate and its intermediates only", len(chain), chainMost)
	}
	between := x509.NewCertPool()
	for _, cert := range chain[1:] {
		between.AddCert(cert)
	}
	for _, m := range s.makers.Load().all {
		if _, err := chain[0].Verify(x509.VerifyOptions{Roots: m.pool, Intermediates: between, CurrentTime: s.Clock.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err == nil {
			return m, nil
		}
	}
	return maker{}, fleet.Errorf(fleet.CodeForbidden, "no uploaded manufacturer anchor verifies this certificate: upload the manufacturer's authority, or enrol with a claim in HTTP Basic")
}

// EnrolByManufacturer issues the first certificate of a device that proves itself with its manufacturer's (IEEE 802.1AR
// IDevID). A serial number in the manifest becomes a registered device of the announced type; an unknown one lands in
// quarantine. The manufacturer certificate is good for this alone (CRD-09).
func (s *Service) EnrolByManufacturer(ctx context.Context, chain []*x509.Certificate, body []byte, address string) (*x509.Certificate, error) {
	m, err := s.makerOf(chain)
	if err != nil {
		return nil, err
	}
	serial := chain[0].Subject.SerialNumber
	if serial == "" || len(serial) > serialLength {
		return nil, fleet.Errorf(fleet.CodeForbidden, "the manufacturer certificate has no usable serialNumber in its subject (IEEE 802.1AR, 8.6): enrol with a claim in HTTP Basic")
	}
	req, err := parseRequest(body)
	if err != nil {
		return nil, err
	}
	if own, err := keyHash(chain[0].PublicKey); err != nil || own == req.keyHash {
		return nil, fleet.Errorf(fleet.CodeForbidden, "the request holds the manufacturer certificate's key, which lives too long for operation: make a new key on the device")
	}
	o := order{req: req, how: byIDevID, evidence: map[string]any{
		"method": byIDevID, "manufacturer": m.name, "serialNumber": serial, "certificate": fingerprint(chain[0].Raw), "address": address, "request": req.sum,
	}}
	device, err := s.deviceOf(ctx, m, serial)
	if err != nil {
		return nil, err
	}
	r, err := s.enrolMade(ctx, o, m, serial, device, address)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(r.der)
}

// enrolMade issues for the device that a serial number became, or has it made in the same transaction.
func (s *Service) enrolMade(ctx context.Context, o order, m maker, serial, device, address string) (r *record, err error) {
	if device != "" {
		if o.subject, err = s.Directory.Lookup(ctx, protocol.SubjectDevice, device); err != nil {
			return nil, err
		}
		o.party = o.subject.party(address)
		return s.commit(ctx, o, nil)
	}
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		if o.subject, err = s.admit(ctx, tx, m, serial); err != nil {
			return err
		}
		o.party = o.subject.party(address)
		if r, err = s.sign(o); err != nil {
			return err
		}
		return s.keep(tx, o, r)
	})
	return r, err
}

// deviceOf is the device that a serial number became, or "".
func (s *Service) deviceOf(ctx context.Context, m maker, serial string) (device string, err error) {
	err = s.DB.QueryRow(ctx, "SELECT device FROM identity_serial WHERE manufacturer = ? AND serial = ?", m.id, serial).Scan(&device)
	if store.IsNoRows(err) {
		return "", nil
	}
	return device, err
}

// admit has the device for a serial number made. The insert comes first, so that of two enrolments with one serial number
// the second waits for the first and then finds its device.
func (s *Service) admit(ctx context.Context, tx *store.Tx, m maker, serial string) (Subject, error) {
	a := Admission{Manufacturer: m.name, Serial: serial}
	if _, err := tx.Exec(`INSERT INTO identity_serial (manufacturer, serial, known, type, site, name, device) VALUES (?, ?, ?, '', '', '', '')
		ON CONFLICT (manufacturer, serial) DO UPDATE SET device = identity_serial.device`, m.id, serial, false); err != nil {
		return Subject{}, err
	}
	var device string
	err := tx.QueryRow("SELECT known, type, site, name, device FROM identity_serial WHERE manufacturer = ? AND serial = ?", m.id, serial).Scan(&a.Known, &a.Type, &a.Site, &a.Name, &device)
	if err != nil {
		return Subject{}, err
	}
	if device != "" {
		return Subject{}, fleet.Errorf(fleet.CodeConflict, "serial number %s was enrolled a moment ago by another request: try again if that was not this device", clip(serial))
	}
	if !a.Known {
		if err := checkStrangers(tx, m); err != nil {
			return Subject{}, err
		}
	}
	subject, err := s.Directory.Admit(ctx, tx, a)
	if err != nil {
		return Subject{}, err
	}
	_, err = tx.Exec("UPDATE identity_serial SET device = ? WHERE manufacturer = ? AND serial = ?", subject.ID, m.id, serial)
	return subject, err
}

// checkStrangers keeps a leaked manufacturer key from filling the registry.
func checkStrangers(tx *store.Tx, m maker) error {
	var n int
	if err := tx.QueryRow("SELECT count(*) FROM identity_serial WHERE manufacturer = ? AND NOT known", m.id).Scan(&n); err != nil {
		return err
	}
	if n > strangerMost {
		return fleet.Errorf(fleet.CodeForbidden, "%d unknown devices of %s wait in quarantine already: upload their serial numbers or retire them first", n-1, m.name)
	}
	return nil
}
