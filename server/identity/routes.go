package identity

import (
	"context"
	"crypto/fips140"
	"crypto/x509"
	"strconv"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/store"
)

const tag = "Identity"

// Routes registers what the API offers of identity. EST, OCSP and revocation lists have handlers of their own.
func (s *Service) Routes(r *api.Router) {
	api.Post(r, "/claims", access.ClaimCreate, "claim.created", api.Doc{Tag: tag, Summary: "Make a one-time enrolment claim", Text: "The claim is shown once. It is the password of HTTP Basic at EST simpleenroll; the user is the id of the device or account."}, s.postClaim)
	api.Get(r, "/certificates", access.CertificateRead, api.Doc{Tag: tag, Summary: "List certificates, newest first"}, s.getCertificates)
	api.Get(r, "/certificates/{serial}", access.CertificateRead, api.Doc{Tag: tag, Summary: "Show a certificate and the evidence it was issued on"}, s.getCertificate)
	api.Post(r, "/certificates/{serial}/revoke", access.CertificateRevoke, "certificate.revoked", api.Doc{Tag: tag, Summary: "Revoke a certificate for good", Text: "With dryRun, only say what would happen."}, s.postRevoke)
	api.Get(r, "/identity", access.CertificateRead, api.Doc{Tag: tag, Summary: "Show the certificate authority and the cryptographic policy"}, s.getIdentity)
	api.Get(r, "/manufacturers", access.CertificateRead, api.Doc{Tag: tag, Summary: "List manufacturers whose certificates may enrol"}, s.getManufacturers)
	api.Post(r, "/manufacturers", access.KeyWrite, "manufacturer.changed", api.Doc{Tag: tag, Summary: "Add or change a manufacturer", Text: "Anchors are replaced, or stay when pem is empty; serial numbers are added to those known.", MaxBody: 8 << 20}, s.postManufacturer)
}

type claimInput struct {
	Body struct {
		Device  string  `json:"device,omitempty" maxLength:"128" doc:"Id or name of the device; either device or account."`
		Account string  `json:"account,omitempty" maxLength:"128" doc:"Id or name of the service account."`
		Hours   float64 `json:"hours,omitempty" minimum:"0" maximum:"720" doc:"Lifetime; 24 when left out."`
	}
}

// claimView is a claim as it is shown, once.
type claimView struct {
	Claim   string    `json:"claim"`
	User    string    `json:"user"`
	Expires time.Time `json:"expires"`
}

func (s *Service) postClaim(ctx context.Context, in *claimInput) (*api.One[claimView], error) {
	kind, ref := protocol.SubjectDevice, in.Body.Device
	if ref == "" {
		kind, ref = protocol.SubjectAccount, in.Body.Account
	}
	if ref == "" || (in.Body.Device != "" && in.Body.Account != "") {
		return nil, fleet.Invalid("device", "name either a device or an account")
	}
	c, err := s.NewClaim(ctx, kind, ref, time.Duration(in.Body.Hours*float64(time.Hour)))
	if err != nil {
		return nil, err
	}
	return &api.One[claimView]{Body: claimView{c.Secret, c.User, c.Expires}}, nil
}

type certificatesInput struct {
	api.PageInput
	Subject  string `query:"subject" maxLength:"128" doc:"Id or name of the subject."`
	State    string `query:"state" maxLength:"16" doc:"active, superseded, revoked or expired."`
	Expiring int    `query:"expiring" minimum:"0" maximum:"1095" doc:"Active ones that end within so many days."`
	Q        string `query:"q" maxLength:"128" doc:"Part of serial number, subject id or name."`
}

func (s *Service) getCertificates(ctx context.Context, in *certificatesInput) (*api.List[fleet.Certificate], error) {
	f := Filter{Subject: in.Subject, State: in.State, Within: in.Expiring, Query: in.Q, Limit: in.Limit + 1}
	keys, ok, err := api.ParseCursor(in.After, 2)
	if err != nil {
		return nil, err
	}
	if ok {
		issued, err := strconv.ParseInt(keys[0], 10, 64)
		if err != nil {
			return nil, fleet.Invalid("after", "is no cursor of this list: leave it out to begin at the first page")
		}
		f.Before, f.Serial = store.FromTime(issued), keys[1]
	}
	records, err := s.list(ctx, f)
	if err != nil {
		return nil, err
	}
	cursors := map[string]string{}
	var items []fleet.Certificate
	for _, r := range records {
		items = append(items, r.Certificate)
		cursors[r.Serial] = api.Cursor(cursorOf(r)...)
	}
	return api.NewList(items, in.Limit, nil, func(c fleet.Certificate) string { return cursors[c.Serial] }), nil
}

type serialInput struct {
	Serial string `path:"serial" maxLength:"64"`
}

// certificateView is a certificate with what proved the identity before it was issued (CRD-08).
type certificateView struct {
	fleet.Certificate
	Issued     time.Time      `json:"issued"`
	Superseded *time.Time     `json:"superseded,omitempty"`
	Evidence   map[string]any `json:"evidence"`
	PEM        string         `json:"pem"`
}

func (s *Service) getCertificate(ctx context.Context, in *serialInput) (*api.One[certificateView], error) {
	r, err := s.readRecord(ctx, cleanSerial(in.Serial))
	if err != nil {
		return nil, err
	}
	v := certificateView{Certificate: r.Certificate, Issued: r.issued, Evidence: r.evidence, PEM: string(encodePEM(r.der))}
	if !r.superseded.IsZero() {
		v.Superseded = &r.superseded
	}
	return &api.One[certificateView]{Body: v}, nil
}

type revokeInput struct {
	Serial string `path:"serial" maxLength:"64"`
	Body   struct {
		Reason string `json:"reason" maxLength:"500" doc:"Why. May begin with a reason of RFC 5280, 5.3.1 (key-compromise: laptop stolen)."`
		DryRun bool   `json:"dryRun,omitempty"`
	}
}

type revokeView struct {
	Certificate fleet.Certificate `json:"certificate"`
	Effects     []Effect          `json:"effects"`
	DryRun      bool              `json:"dryRun"`
}

func (s *Service) postRevoke(ctx context.Context, in *revokeInput) (*api.One[revokeView], error) {
	c, effects, err := s.Revoke(ctx, in.Serial, in.Body.Reason, in.Body.DryRun)
	if err != nil {
		return nil, err
	}
	return &api.One[revokeView]{Body: revokeView{c, effects, in.Body.DryRun}}, nil
}

// AuthorityFacts describes a certificate authority.
type AuthorityFacts struct {
	Name        string    `json:"name"`
	Fingerprint string    `json:"fingerprint" doc:"SHA-256 of the certificate, hex."`
	NotBefore   time.Time `json:"notBefore"`
	NotAfter    time.Time `json:"notAfter"`
	PEM         string    `json:"pem"`
	Online      bool      `json:"online" doc:"Its key is at hand."`
}

// Facts is what the certificate authority says about itself.
type Facts struct {
	Root    AuthorityFacts `json:"root"`
	Issuing AuthorityFacts `json:"issuing"`
	Server  *time.Time     `json:"serverNotAfter,omitempty" doc:"When the server certificate of this node ends."`
	Policy  Policy         `json:"policy"`
	CRL     List           `json:"crl"`
	OCSPURL string         `json:"ocspUrl"`
	FIPS    bool           `json:"fips" doc:"The cryptographic module runs in FIPS 140-3 mode."`
	Counts  Counts         `json:"counts"`
}

// Facts gathers them.
func (s *Service) Facts(ctx context.Context) (Facts, error) {
	counts, err := s.Counts(ctx)
	list, _ := s.lists.get(issuingName)
	f := Facts{
		Root: describe(s.ca.root, s.ca.rootKey != nil), Issuing: describe(s.ca.issuing, true), Policy: s.Policy, CRL: list,
		FIPS: fips140.Enabled(), Counts: counts,
	}
	if s.OCSPURL != "" {
		f.OCSPURL = s.OCSPURL + "/ocsp"
	}
	if leaf := s.server.leaf(); leaf != nil {
		end := leaf.NotAfter.UTC()
		f.Server = &end
	}
	return f, err
}

func describe(cert *x509.Certificate, online bool) AuthorityFacts {
	return AuthorityFacts{cert.Subject.CommonName, fingerprint(cert.Raw), cert.NotBefore.UTC(), cert.NotAfter.UTC(), string(encodePEM(cert.Raw)), online}
}

func (s *Service) getIdentity(ctx context.Context, _ *struct{}) (*api.One[Facts], error) {
	f, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	return &api.One[Facts]{Body: f}, nil
}

func (s *Service) getManufacturers(ctx context.Context, in *api.PageInput) (*api.List[Manufacturer], error) {
	keys, ok, err := api.ParseCursor(in.After, 1)
	if err != nil {
		return nil, err
	}
	after := ""
	if ok {
		after = keys[0]
	}
	all, err := s.Manufacturers(ctx, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return api.NewList(all, in.Limit, nil, func(m Manufacturer) string { return api.Cursor(m.Name) }), nil
}

type manufacturerInput struct {
	Body struct {
		Name    string          `json:"name" maxLength:"63"`
		PEM     string          `json:"pem,omitempty" maxLength:"262144" doc:"The authorities that signed the devices' manufacturer certificates."`
		Serials []ManifestEntry `json:"serials,omitempty" maxItems:"10000"`
	}
}

func (s *Service) postManufacturer(ctx context.Context, in *manufacturerInput) (*api.One[Manufacturer], error) {
	m, err := s.ApplyManufacturer(ctx, in.Body.Name, in.Body.PEM, in.Body.Serials)
	if err != nil {
		return nil, err
	}
	return &api.One[Manufacturer]{Body: m}, nil
}
