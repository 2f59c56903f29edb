package identity

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxStatusRequest is the most bytes an OCSP request may have.
const maxStatusRequest = 4 << 10

// OCSPHandler serves certificate status over plain HTTP, as the standards expect (everything on it is signed): OCSP at
// /ocsp by POST and GET (RFC 6960, A.1), and revocation lists at /crl/issuing.crl and /crl/root.crl.
func (s *Service) OCSPHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /ocsp", s.postStatus)
	mux.HandleFunc("POST /ocsp/{$}", s.postStatus)
	mux.HandleFunc("GET /crl/{file}", s.getList)
	// ServeMux would clean the double slashes that base64 may hold in a path, so GET is told apart before it.
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if rest, ok := strings.CutPrefix(r.URL.EscapedPath(), "/ocsp/"); ok && r.Method == http.MethodGet {
			s.getStatus(w, r, rest)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (s *Service) postStatus(w http.ResponseWriter, r *http.Request) {
	der, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxStatusRequest))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			http.Error(w, "an OCSP request has at most 4096 bytes", http.StatusRequestEntityTooLarge)
		}
		return // otherwise the client has gone
	}
	s.writeStatus(w, r, der)
}

func (s *Service) getStatus(w http.ResponseWriter, r *http.Request, escaped string) {
	var der []byte
	if text, err := url.PathUnescape(escaped); err == nil && len(text) <= 2*maxStatusRequest {
		der, _ = base64.StdEncoding.DecodeString(text) // nothing decoded is malformed, which Answer says
	}
	s.writeStatus(w, r, der)
}

// writeStatus sends a response. Caches must ask again each time: a revocation is to be seen within the second.
func (s *Service) writeStatus(w http.ResponseWriter, r *http.Request, der []byte) {
	response, status := s.Answer(r.Context(), der)
	s.metrics.answered.WithLabelValues(status).Inc()
	h := w.Header()
	h.Set("Content-Type", "application/ocsp-response")
	s.sendCached(w, r, response, "public, no-transform, must-revalidate, max-age=0")
}

func (s *Service) getList(w http.ResponseWriter, r *http.Request) {
	issuer, isList := strings.CutSuffix(r.PathValue("file"), ".crl")
	list, ok := s.lists.get(issuer)
	if !isList || !ok {
		http.Error(w, "there are issuing.crl and root.crl here", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/pkix-crl")
	w.Header().Set("Last-Modified", list.Published.Format(http.TimeFormat))
	w.Header().Set("Expires", list.Next.UTC().Format(http.TimeFormat))
	s.sendCached(w, r, list.der, "public, no-transform, must-revalidate, max-age=0")
}

func (s *Service) sendCached(w http.ResponseWriter, r *http.Request, body []byte, cache string) {
	tag := `"` + fingerprint(body)[:32] + `"`
	h := w.Header()
	h.Set("Cache-Control", cache)
	h.Set("ETag", tag)
	h.Set("Date", s.Clock.Now().Truncate(time.Second).Format(http.TimeFormat))
	if r.Method == http.MethodGet && r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(body) //nolint:gosec // signed DER; where the client has gone, there is nobody to tell
}
