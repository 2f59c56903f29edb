package identity

import (
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/smallstep/pkcs7"

	"github.com/thingward/thingward/fleet"
)

// ESTPath is where EST lives (RFC 7030, 3.2.2); register the handler at ESTPath + "/".
const ESTPath = "/.well-known/est"

// ESTHandler serves Enrolment over Secure Transport (RFC 7030): cacerts, csrattrs, simpleenroll and simplereenroll. It
// authenticates for itself: by claim in HTTP Basic, by manufacturer certificate, or by the certificate to be renewed. The
// TLS listener must ask for client certificates without verifying them (HTTPSConfig), because manufacturer certificates
// come from authorities that TLS does not know; they are verified here. Linking the request to the TLS session by channel
// binding (3.5) is not asked for: the claim travels inside server-authenticated TLS and works once.
func (s *Service) ESTHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+ESTPath+"/cacerts", s.getCACerts)
	mux.HandleFunc("GET "+ESTPath+"/csrattrs", s.getCSRAttrs)
	mux.HandleFunc("POST "+ESTPath+"/simpleenroll", s.enrolling("simpleenroll", s.simpleEnroll))
	mux.HandleFunc("POST "+ESTPath+"/simplereenroll", s.enrolling("simplereenroll", s.simpleReenroll))
	mux.HandleFunc(ESTPath+"/", func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(&http.Request{Method: http.MethodPost, URL: r.URL, Host: r.Host}); pattern != ESTPath+"/" && r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			plain(w, http.StatusMethodNotAllowed, "send this with POST and a PKCS #10 certificate request in base64")
			return
		}
		plain(w, http.StatusNotFound, "this EST operation is not offered here: there are cacerts, csrattrs, simpleenroll and simplereenroll")
	})
	return mux
}

// getCACerts sends root and issuing authority (RFC 7030, 4.1).
func (s *Service) getCACerts(w http.ResponseWriter, _ *http.Request) {
	body, err := pkcs7.DegenerateCertificate(append(append([]byte(nil), s.ca.issuing.Raw...), s.ca.root.Raw...))
	if err != nil {
		s.Log.Error("cacerts not encoded", "error", err)
		plain(w, http.StatusInternalServerError, "the server failed; its log has the reason")
		return
	}
	sendBase64(w, "application/pkcs7-mime", body)
}

var (
	oidECPublicKey      = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	oidP256             = asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}
	oidP384             = asn1.ObjectIdentifier{1, 3, 132, 0, 34}
	oidECDSAWithSHA256  = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
	oidECDSAWithSHA384  = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}
	oidExtensionRequest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 14}
	oidSubjectAltName   = asn1.ObjectIdentifier{2, 5, 29, 17}
)

// attribute is Attribute of RFC 7030, 4.5.2.
type attribute struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.ObjectIdentifier `asn1:"set"`
}

// csrAttrs says which key and signature a request should have (RFC 7030, 4.5.2), by the policy's first elliptic key, and
// that it may hold the subject's identity URI.
func (s *Service) csrAttrs() ([]byte, error) {
	curve, signature := oidP256, oidECDSAWithSHA256
	for _, k := range s.Policy.Keys {
		if k == "P-256" {
			break
		}
		if k == "P-384" {
			curve, signature = oidP384, oidECDSAWithSHA384
			break
		}
	}
	return asn1.Marshal(struct {
		Key, Extension attribute
		Signature      asn1.ObjectIdentifier
	}{attribute{oidECPublicKey, []asn1.ObjectIdentifier{curve}}, attribute{oidExtensionRequest, []asn1.ObjectIdentifier{oidSubjectAltName}}, signature})
}

func (s *Service) getCSRAttrs(w http.ResponseWriter, _ *http.Request) {
	body, err := s.csrAttrs()
	if err != nil {
		s.Log.Error("csrattrs not encoded", "error", err)
		plain(w, http.StatusInternalServerError, "the server failed; its log has the reason")
		return
	}
	sendBase64(w, "application/csrattrs", body)
}

// enrolling wraps an enrolment: limits, body, answer and refusal are the same for both.
func (s *Service) enrolling(operation string, do func(*http.Request, []byte) (*x509.Certificate, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil {
			s.refuse(w, r, operation, fleet.Errorf(fleet.CodeForbidden, "enrolment goes over TLS only: use the https address"))
			return
		}
		leave, away, err := s.gate.enter(address(r))
		if err != nil {
			s.turnAway(w, r, operation, err, away)
			return
		}
		defer leave()
		body, err := readRequest(w, r)
		var cert *x509.Certificate
		if err == nil {
			cert, err = do(r, body)
		}
		if err != nil {
			s.refuse(w, r, operation, err)
			return
		}
		answer, err := pkcs7.DegenerateCertificate(cert.Raw)
		if err != nil {
			s.refuse(w, r, operation, err)
			return
		}
		sendBase64(w, "application/pkcs7-mime; smime-type=certs-only", answer)
	}
}

// readRequest reads the body, which must say that it is PKCS #10 (RFC 7030, 4.2.1).
func readRequest(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/pkcs10" {
		return nil, fleet.Errorf(fleet.CodeInvalid, "the content type must be application/pkcs10: send the header Content-Type: application/pkcs10")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, fleet.Errorf(fleet.CodeInvalid, "the request has more than %d bytes: a certificate request has about 500", maxRequest)
	case err != nil:
		return nil, fleet.Errorf(fleet.CodeInvalid, "the request ended early: send it again").Because(err)
	}
	return body, nil
}

// simpleEnroll takes a claim in HTTP Basic, or else a manufacturer certificate.
func (s *Service) simpleEnroll(r *http.Request, body []byte) (*x509.Certificate, error) {
	if r.Header.Get("Authorization") != "" {
		user, secret, ok := r.BasicAuth()
		if !ok || len(user) > 128 || len(secret) > 256 {
			return nil, fleet.Errorf(fleet.CodeUnauthenticated, "the Authorization header is not HTTP Basic: send the device's id as user and its claim as password")
		}
		return s.EnrolByClaim(r.Context(), user, secret, body, address(r))
	}
	if chain := peers(r); len(chain) > 0 {
		if chain[0].CheckSignatureFrom(s.ca.issuing) == nil {
			return nil, fleet.Errorf(fleet.CodeForbidden, "this certificate was issued here: renew it with simplereenroll, or send a claim in HTTP Basic")
		}
		return s.EnrolByManufacturer(r.Context(), chain, body, address(r))
	}
	return nil, errChallenge
}

// errChallenge is the ordinary first answer to a client that has not tried yet; it is counted and not reported.
var errChallenge = fleet.Errorf(fleet.CodeUnauthenticated, "send the device's id and its claim in HTTP Basic (thingward claim create DEVICE makes a claim), or a manufacturer certificate in TLS")

func (s *Service) simpleReenroll(r *http.Request, body []byte) (*x509.Certificate, error) {
	chain := peers(r)
	if len(chain) == 0 {
		return nil, fleet.Errorf(fleet.CodeForbidden, "renewal needs the present certificate in TLS: show it, or enrol with a claim at simpleenroll")
	}
	return s.Renew(r.Context(), chain[0], body, address(r))
}

func peers(r *http.Request) []*x509.Certificate {
	if r.TLS == nil {
		return nil
	}
	return r.TLS.PeerCertificates
}

func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// refuse answers in text, as RFC 7030, 4.2.3 has it, counts the refusal and reports it.
func (s *Service) refuse(w http.ResponseWriter, r *http.Request, operation string, err error) {
	var fe *fleet.Error
	if !errors.As(err, &fe) {
		s.Log.Error("enrolment failed", "operation", operation, "error", err)
		s.metrics.refused.WithLabelValues("internal").Inc()
		plain(w, http.StatusInternalServerError, "the server failed; its log has the reason")
		return
	}
	if fe != errChallenge {
		if fe.Code != fleet.CodeUnavailable { // our own trouble is not the caller's failure
			s.gate.fail(address(r))
		}
		s.report(r, operation, fe, 1)
	}
	s.answerRefused(w, fe)
}

// turnAway answers whom the gate does not let in, and reports away of them at once when that is above 0.
func (s *Service) turnAway(w http.ResponseWriter, r *http.Request, operation string, err error, away int) {
	var fe *fleet.Error
	if !errors.As(err, &fe) {
		fe = fleet.Errorf(fleet.CodeUnavailable, "try again later").Because(err)
	}
	if away > 0 {
		s.report(r, operation, fe, away)
	}
	s.answerRefused(w, fe)
}

func (s *Service) answerRefused(w http.ResponseWriter, fe *fleet.Error) {
	s.metrics.refused.WithLabelValues(string(fe.Code)).Inc()
	status := http.StatusBadRequest
	switch fe.Code {
	case fleet.CodeUnauthenticated:
		status = http.StatusUnauthorized
		w.Header().Set("WWW-Authenticate", `Basic realm="thingward est", charset="UTF-8"`)
	case fleet.CodeForbidden, fleet.CodeNotFound, fleet.CodeConflict:
		status = http.StatusForbidden
	case fleet.CodeUnavailable:
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(fe.RetryAfter.Seconds()))))
	case fleet.CodeInvalid:
	}
	plain(w, status, fe.Error())
}

// report publishes enrol.refused. Whoever only claims to be a device stays anonymous; whoever proved it is named.
func (s *Service) report(r *http.Request, operation string, fe *fleet.Error, count int) {
	by := fleet.Anonymous(address(r))
	data := map[string]any{"surface": "est", "operation": operation, "reason": fe.Error(), "code": string(fe.Code), "count": count}
	if user, _, ok := r.BasicAuth(); ok {
		data["user"] = clip(user)
	}
	if chain := peers(r); len(chain) > 0 {
		data["certificate"] = clip(SerialOf(chain[0]))
		if kind, id, err := SubjectOf(chain[0]); err == nil && chain[0].CheckSignatureFrom(s.ca.issuing) == nil {
			by = Subject{Kind: kind, ID: id}.party(address(r))
		}
	}
	if err := s.Bus.Publish(fleet.NewEvent("enrol.refused", s.Clock.Now(), by, fleet.Server("est"), data)); err != nil {
		s.Log.Error("refused enrolment not reported", "error", err)
	}
}

func clip(s string) string {
	s = strings.ToValidUTF8(s, "?")
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") //nolint:gosec // plain text, not sniffed; where the client has gone, there is nobody to tell
}

// sendBase64 sends a body as RFC 7030, 4.1.3 has it, in lines of 64 characters, which openssl reads as they are.
func sendBase64(w http.ResponseWriter, kind string, der []byte) {
	text := base64.StdEncoding.EncodeToString(der)
	out := make([]byte, 0, len(text)+len(text)/64+1)
	for len(text) > 64 {
		out = append(append(out, text[:64]...), '\n')
		text = text[64:]
	}
	out = append(append(out, text...), '\n')
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Transfer-Encoding", "base64")
	_, _ = w.Write(out)
}
