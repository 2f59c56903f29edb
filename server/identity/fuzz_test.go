package identity

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// nobody is a directory without subjects.
type nobody struct{}

var errNobody = fleet.Errorf(fleet.CodeNotFound, "nobody is called that")

func (nobody) Lookup(context.Context, protocol.SubjectKind, string) (Subject, error) {
	return Subject{}, errNobody
}
func (nobody) Enrolled(*store.Tx, Subject, fleet.Party) error { return errNobody }
func (nobody) Admit(context.Context, *store.Tx, Admission) (Subject, error) {
	return Subject{}, errNobody
}

func fuzzed(f *testing.F) *Service {
	f.Helper()
	dir, key, c := f.TempDir(), sealed.NewKey(), clock.NewFake(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	if err := Setup(context.Background(), dir, key, SetupOptions{Organisation: "Fuzz", Clock: c}); err != nil {
		f.Fatal(err)
	}
	db, b := storetest.Open(f), bustest.Open(f)
	s, err := New(context.Background(), Config{Dir: dir, Key: key, DB: db, Bus: b, Audit: audittest.Open(f, db, b, c), Clock: c, Log: slog.New(slog.DiscardHandler), Directory: nobody{}})
	if err != nil {
		f.Fatal(err)
	}
	return s
}

func request64(f *testing.F) []byte {
	f.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		f.Fatal(err)
	}
	return []byte(base64.StdEncoding.EncodeToString(der))
}

func FuzzRequest(f *testing.F) {
	f.Add(request64(f))
	f.Add([]byte("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"))
	f.Add([]byte("\r\n 0"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := parseRequest(body)
		if err != nil {
			if fleet.CodeOf(err) != fleet.CodeInvalid {
				t.Errorf("refused without saying why: %v", err)
			}
			return
		}
		if alg, err := r.checkFor(DefaultPolicy(), Subject{Kind: protocol.SubjectDevice, ID: "d"}); err == nil && alg == "" {
			t.Error("accepted a key of no known algorithm")
		}
	})
}

func FuzzOCSP(f *testing.F) {
	s := fuzzed(f)
	for _, sub := range []*x509.Certificate{s.ca.issuing, s.server.leaf()} {
		issuer := s.ca.issuing
		if sub == issuer {
			issuer = s.ca.root
		}
		der, err := ocsp.CreateRequest(sub, issuer, nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(der)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		response, status := s.Answer(context.Background(), der)
		if len(response) == 0 || status == "error" {
			t.Errorf("answered %q with %x", status, response)
		}
	})
}

func FuzzEnrol(f *testing.F) {
	s := fuzzed(f)
	h := s.ESTHandler()
	f.Add("simpleenroll", "Basic ZDpj", "application/pkcs10", request64(f))
	f.Add("simplereenroll", "", "application/pkcs10; x=y", []byte("x"))
	f.Add("simpleenroll", "Basic \xff", "", []byte{})
	now := s.Clock.(*clock.Fake)
	f.Fuzz(func(t *testing.T, operation, authorization, kind string, body []byte) {
		now.Advance(failuresEvery) // so that the gate stays open
		if now.Now().After(s.server.leaf().NotAfter) {
			now.Set(s.server.leaf().NotBefore)
		}
		req := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		req.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{s.server.leaf()}}
		req.URL.Path = ESTPath + "/" + operation
		req.Header.Set("Authorization", authorization)
		req.Header.Set("Content-Type", kind)
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, req)
		if rec.Code == http.StatusOK || rec.Code == http.StatusInternalServerError {
			t.Errorf("%d %s", rec.Code, rec.Body)
		}
	})
}
