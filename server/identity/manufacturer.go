package identity

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

const (
	anchorsMost  = 32
	serialsMost  = 10000 // in one upload
	serialLength = 128
	chainMost    = 6
	strangerMost = 1000 // devices of one manufacturer that wait in quarantine because no manifest names them
)

// makers are the manufacturers whose certificates may enrol.
type makers struct {
	all []maker
}

type maker struct {
	id, name string
	anchors  []*x509.Certificate
	pool     *x509.CertPool
}

// ManifestEntry announces a device by the serial number in its manufacturer certificate.
type ManifestEntry struct {
	Serial string `json:"serial" minLength:"1" maxLength:"128" doc:"serialNumber in the subject of the manufacturer certificate (IEEE 802.1AR)."`
	Type   string `json:"type" minLength:"1" maxLength:"63" doc:"Device type that it becomes."`
	Site   string `json:"site,omitempty" maxLength:"63"`
	Name   string `json:"name,omitempty" maxLength:"63" doc:"Name that it gets; made from type and serial number when empty."`
}

// parseAnchors reads a manufacturer's trust anchors.
func (s *Service) parseAnchors(text string) ([]*x509.Certificate, error) {
	var anchors []*x509.Certificate
	rest := []byte(text)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		switch {
		case err != nil || block.Type != "CERTIFICATE":
			return nil, fleet.Invalid("pem", fmt.Sprintf("block %d is no certificate: give the manufacturer's authority certificates in PEM", len(anchors)+1))
		case !cert.IsCA || !cert.BasicConstraintsValid:
			return nil, fleet.Invalid("pem", fmt.Sprintf("%q is no certificate authority: give the one that signed the devices' certificates", clip(cert.Subject.String())))
		case cert.Equal(s.ca.root) || cert.Equal(s.ca.issuing):
			return nil, fleet.Invalid("pem", "this is Thingward's own authority: give the manufacturer's")
		case s.Clock.Now().After(cert.NotAfter):
			return nil, fleet.Invalid("pem", fmt.Sprintf("%q has expired: ask the manufacturer for the present one", clip(cert.Subject.String())))
		}
		anchors = append(anchors, cert)
	}
	if len(anchors) == 0 || len(anchors) > anchorsMost {
		return nil, fleet.Invalid("pem", fmt.Sprintf("holds %d certificates, want 1 to %d in PEM", len(anchors), anchorsMost))
	}
	return anchors, nil
}

func checkManifest(entries []ManifestEntry) error {
	if len(entries) > serialsMost {
		return fleet.Invalid("serials", fmt.Sprintf("%d at once are too many: upload at most %d, as often as needed", len(entries), serialsMost))
	}
	seen := map[string]bool{}
	for i, e := range entries {
		at := fmt.Sprintf("serials[%d]", i)
		switch {
		case e.Serial == "" || len(e.Serial) > serialLength || strings.TrimSpace(e.Serial) != e.Serial:
			return fleet.Invalid(at+".serial", fmt.Sprintf("want 1 to %d characters without blanks around them", serialLength))
		case seen[e.Serial]:
			return fleet.Invalid(at+".serial", "stands here twice")
		case e.Type == "":
			return fleet.Invalid(at+".type", "is missing: name the device type that it becomes")
		}
		if e.Name != "" {
			if err := fleet.CheckName(at+".name", e.Name); err != nil {
				return err
			}
		}
		seen[e.Serial] = true
	}
	return nil
}

// ApplyManufacturer adds or changes a manufacturer: its trust anchors are replaced (when anchors is empty they stay), and
// the manifest's entries added to those known. A device that already enrolled keeps its type and place.
func (s *Service) ApplyManufacturer(ctx context.Context, name, anchors string, manifest []ManifestEntry) (Manufacturer, error) {
	if err := fleet.CheckName("name", name); err != nil {
		return Manufacturer{}, err
	}
	if err := checkManifest(manifest); err != nil {
		return Manufacturer{}, err
	}
	now := s.Clock.Now()
	err := s.DB.Change(ctx, func(tx *store.Tx) error {
		maker, text, err := s.findMaker(tx, name)
		if err != nil {
			return err
		}
		if anchors == "" {
			anchors = text
		}
		parsed, err := s.parseAnchors(anchors)
		if err != nil {
			return err
		}
		if maker == "" {
			maker = id.New()
		}
		if _, err := tx.Exec("INSERT INTO identity_manufacturer (id, name, pem, created, changed) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET pem = excluded.pem, changed = excluded.changed",
			maker, name, anchors, store.Time(now), store.Time(now)); err != nil {
			return err
		}
		if err := addSerials(tx, maker, manifest); err != nil {
			return err
		}
		var prints []string
		for _, cert := range parsed {
			prints = append(prints, fingerprint(cert.Raw))
		}
		return s.Audit.Record(tx, fleet.NewEvent("manufacturer.changed", now, access.PartyOf(ctx), fleet.Party{Kind: "manufacturer", ID: maker, Name: name},
			map[string]any{"manufacturer": name, "anchors": prints, "serials": len(manifest)}))
	})
	if err != nil {
		return Manufacturer{}, err
	}
	if err := s.loadMakers(ctx); err != nil {
		return Manufacturer{}, err
	}
	s.listeners.rebuild(s)
	if err := s.Bus.Announce(bus.TopicChanged, bus.Changed{Kind: "manufacturer", ID: name}); err != nil {
		s.Log.Warn("change of a manufacturer not announced", "manufacturer", name, "error", err)
	}
	return s.manufacturer(ctx, name)
}

func (s *Service) findMaker(tx *store.Tx, name string) (id, text string, err error) {
	err = tx.QueryRow("SELECT id, pem FROM identity_manufacturer WHERE name = ?", name).Scan(&id, &text)
	if store.IsNoRows(err) {
		return "", "", nil
	}
	return id, text, err
}

func addSerials(tx *store.Tx, maker string, manifest []ManifestEntry) error {
	for _, e := range manifest {
		_, err := tx.Exec(`INSERT INTO identity_serial (manufacturer, serial, known, type, site, name, device) VALUES (?, ?, ?, ?, ?, ?, '')
			ON CONFLICT (manufacturer, serial) DO UPDATE SET known = excluded.known, type = excluded.type, site = excluded.site, name = excluded.name`, maker, e.Serial, true, e.Type, e.Site, e.Name)
		if err != nil {
			return err
		}
	}
	return nil
}

// pemCertificates reads the certificates of a text that parseAnchors has checked.
func pemCertificates(text string) (all []*x509.Certificate) {
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return all
		}
		if cert, err := x509.ParseCertificate(block.Bytes); err == nil {
			all = append(all, cert)
		}
	}
}

// loadMakers reads the manufacturers into memory.
func (s *Service) loadMakers(ctx context.Context) error {
	rows, err := s.DB.Query(ctx, "SELECT id, name, pem FROM identity_manufacturer ORDER BY name")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	found := &makers{}
	for rows.Next() {
		var m maker
		var text string
		if err := rows.Scan(&m.id, &m.name, &text); err != nil {
			return err
		}
		m.pool, m.anchors = x509.NewCertPool(), pemCertificates(text)
		for _, cert := range m.anchors {
			m.pool.AddCert(cert)
		}
		found.all = append(found.all, m)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	s.makers.Store(found)
	return nil
}

// Manufacturer is a manufacturer as it is listed.
type Manufacturer struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	PEM      string   `json:"pem"`
	Anchors  []Anchor `json:"anchors"`
	Serials  int      `json:"serials" doc:"Serial numbers in the uploaded manifest."`
	Enrolled int      `json:"enrolled" doc:"Devices that enrolled with a certificate of this manufacturer."`
	Unknown  int      `json:"unknown" doc:"Devices that enrolled without standing in the manifest."`
}

// Anchor is one of a manufacturer's trust anchors.
type Anchor struct {
	Name        string    `json:"name"`
	Fingerprint string    `json:"fingerprint"`
	NotAfter    time.Time `json:"notAfter"`
}

const manufacturerColumns = `SELECT m.id, m.name, m.pem,
	(SELECT count(*) FROM identity_serial s WHERE s.manufacturer = m.id AND s.known),
	(SELECT count(*) FROM identity_serial s WHERE s.manufacturer = m.id AND s.device <> ''),
	(SELECT count(*) FROM identity_serial s WHERE s.manufacturer = m.id AND NOT s.known) FROM identity_manufacturer m`

func scanManufacturer(row scanner) (m Manufacturer, err error) {
	if err := row.Scan(&m.ID, &m.Name, &m.PEM, &m.Serials, &m.Enrolled, &m.Unknown); err != nil {
		return m, err
	}
	for _, cert := range pemCertificates(m.PEM) {
		m.Anchors = append(m.Anchors, Anchor{cert.Subject.String(), fingerprint(cert.Raw), cert.NotAfter.UTC()})
	}
	return m, nil
}

func (s *Service) manufacturer(ctx context.Context, name string) (Manufacturer, error) {
	return scanManufacturer(s.DB.QueryRow(ctx, manufacturerColumns+" WHERE m.name = ?", name))
}

// Manufacturers lists the manufacturers after a name, by name.
func (s *Service) Manufacturers(ctx context.Context, after string, limit int) (all []Manufacturer, _ error) {
	rows, err := s.DB.Query(ctx, manufacturerColumns+" WHERE m.name > ? ORDER BY m.name LIMIT ?", after, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		m, err := scanManufacturer(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, rows.Err()
}
