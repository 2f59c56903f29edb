// Package console holds the built web console and serves it. The pages themselves are in src; npm run build writes dist.
package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed all:dist
var dist embed.FS

// ErrNotBuilt means that the program was built without the console's pages.
var ErrNotBuilt = errors.New("this program was built without the console: run make build")

// security headers of every page: scripts, styles and fonts from here only, no framing, no leaking of addresses.
var headers = map[string]string{
	"Content-Security-Policy":      "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; script-src 'self'; worker-src 'self' blob:; connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
	"Referrer-Policy":              "no-referrer",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "camera=(), microphone=(), geolocation=()",
	"Strict-Transport-Security":    "max-age=31536000",
}

type page struct {
	raw, packed []byte
	mime, etag  string
}

type handler struct{ pages map[string]page }

// Handler serves the pages; an address that is no file belongs to a page of the console and gets index.html.
func Handler() (http.Handler, error) {
	h := &handler{map[string]page{}}
	err := fs.WalkDir(dist, "dist", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := dist.ReadFile(name)
		if err != nil {
			return err
		}
		h.pages["/"+strings.TrimPrefix(name, "dist/")], err = newPage(name, raw)
		return err
	})
	if err != nil {
		return nil, err
	}
	if _, ok := h.pages["/index.html"]; !ok {
		return nil, ErrNotBuilt
	}
	return h, nil
}

func newPage(name string, raw []byte) (page, error) {
	sum := sha256.Sum256(raw)
	p := page{raw: raw, mime: mime.TypeByExtension(path.Ext(name)), etag: `"` + hex.EncodeToString(sum[:8]) + `"`}
	if strings.HasSuffix(name, ".woff2") || strings.HasSuffix(name, ".png") || len(raw) < 1024 {
		return p, nil
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return p, err
	}
	_, werr := z.Write(raw)
	if err := errors.Join(werr, z.Close()); err != nil {
		return p, err
	}
	p.packed = b.Bytes()
	return p, nil
}

// ServeHTTP answers GET and HEAD.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for k, v := range headers {
		w.Header().Set(k, v)
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "the console is read with GET; the API is under /api/v1", http.StatusMethodNotAllowed)
		return
	}
	p, ok := h.pages[r.URL.Path]
	if !ok && (strings.HasPrefix(r.URL.Path, "/assets/") || strings.HasPrefix(r.URL.Path, "/.well-known/")) {
		http.NotFound(w, r)
		return
	}
	if !ok {
		p = h.pages["/index.html"]
	}
	p.serve(w, r)
}

func (p page) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	if strings.HasPrefix(r.URL.Path, "/assets/") { // their names change with their content
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	w.Header().Set("ETag", p.etag)
	w.Header().Set("Vary", "Accept-Encoding")
	if r.Header.Get("If-None-Match") == p.etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", p.mime)
	body := p.raw
	if p.packed != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		body = p.packed
	}
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the browser has gone; there is nobody to tell
	}
}
