package identity

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/url"
	"strings"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/protocol"
)

// maxRequest is the most bytes an EST request may have; a real one has about 500.
const maxRequest = 64 << 10

// request is a certificate request whose possession of the private key is proved. What else it says (subject, extensions)
// is not copied: the certificate's contents are ours.
type request struct {
	csr     *x509.CertificateRequest
	keyHash string
	sum     string // SHA-256 of the request, kept as evidence
}

// parseRequest reads the body of an EST enrolment: PKCS #10 in base64 with or without line breaks (RFC 7030, 4.2.1, RFC
// 8951, 3.1). PEM and bare DER are taken too, as tools write them.
func parseRequest(body []byte) (*request, error) {
	der, err := decodeBody(body)
	if err != nil {
		return nil, err
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return nil, fleet.Errorf(fleet.CodeInvalid, "the body is no PKCS #10 certificate request: make one with openssl req -new -key KEY -subj /CN=ID -outform DER | base64").Because(err)
	}
	if _, known := signatureHash[csr.SignatureAlgorithm]; known {
		if err := csr.CheckSignature(); err != nil {
			return nil, fleet.Errorf(fleet.CodeInvalid, "the request's signature does not verify: it was altered, or signed with another key than the one inside").Because(err)
		}
	}
	hash, err := keyHash(csr.PublicKey)
	if err != nil {
		return nil, fleet.Errorf(fleet.CodeInvalid, "the request's public key is of an unknown type: make a new key (openssl ecparam -name prime256v1 -genkey makes a P-256 key)").Because(err)
	}
	return &request{csr: csr, keyHash: hash, sum: fingerprint(der)}, nil
}

func decodeBody(body []byte) ([]byte, error) {
	if len(body) > 0 && body[0] == 0x30 { // a DER SEQUENCE; base64 that begins so would decode to none
		return body, nil
	}
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return nil, fleet.Errorf(fleet.CodeInvalid, "the body is empty: send a PKCS #10 certificate request in base64")
	case bytes.HasPrefix(body, []byte("-----BEGIN ")):
		if block, _ := pem.Decode(body); block != nil && strings.HasSuffix(block.Type, "CERTIFICATE REQUEST") {
			return block.Bytes, nil
		}
		return nil, fleet.Errorf(fleet.CodeInvalid, "the body is PEM but holds no certificate request: send the output of openssl req -new")
	}
	der := make([]byte, base64.StdEncoding.DecodedLen(len(body)))
	n, err := base64.StdEncoding.Decode(der, stripBlanks(body))
	if err != nil {
		return nil, fleet.Errorf(fleet.CodeInvalid, "the body is not base64: send the certificate request as openssl req -new -outform DER | base64 writes it").Because(err)
	}
	return der[:n], nil
}

func stripBlanks(b []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if r == ' ' || r == '\t' || r == '\r' || r == '\n' {
			return -1
		}
		return r
	}, b)
}

// checkFor refuses a request whose key or signature the policy does not take, or that names somebody else.
func (r *request) checkFor(p Policy, s Subject) (algorithm string, err error) {
	if algorithm, err = p.CheckKey(r.csr.PublicKey, s.Type); err != nil {
		return "", err
	}
	if err := p.CheckSignature(r.csr.SignatureAlgorithm); err != nil {
		return "", err
	}
	return algorithm, r.checkNames(s)
}

func (r *request) checkNames(s Subject) error {
	own := protocol.IdentityURI(s.Kind, s.ID)
	for _, u := range r.csr.URIs {
		if ours(u) && u.String() != own {
			return errOtherName("subjectAltName", own)
		}
	}
	cn := r.csr.Subject.CommonName
	if (id.Valid(strings.ToLower(cn)) && strings.ToLower(cn) != s.ID) || (strings.HasPrefix(cn, ourURN) && cn != own) {
		return errOtherName("common name", own)
	}
	return nil
}

// ourURN begins every identity URI.
const ourURN = "urn:thingward:"

func ours(u *url.URL) bool { return strings.HasPrefix(strings.ToLower(u.String()), ourURN) }

func errOtherName(where, own string) error {
	return fleet.Errorf(fleet.CodeForbidden, "the request's %s names another identity than the one that asks: leave it out, or write %s", where, own)
}
