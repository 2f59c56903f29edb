package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/durable"
	"github.com/thingward/thingward/server/api"
)

// profile is a sign-in kept under $THINGWARD_HOME. The file is readable by its owner only, because it holds the session.
type profile struct {
	Server  string    `json:"server"`
	CA      string    `json:"ca"` // PEM
	Token   string    `json:"token"`
	User    string    `json:"user"`
	Expires time.Time `json:"expires"`
}

func profilePath() (string, error) {
	home := os.Getenv("THINGWARD_HOME")
	if home == "" {
		h, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("no home folder: set THINGWARD_HOME: %w", err)
		}
		home = filepath.Join(h, ".thingward")
	}
	return filepath.Join(home, "profile.json"), nil
}

func (p *profile) save() error {
	path, err := profilePath()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return durable.WriteFile(path, b, 0o600)
}

func loadProfile() (*profile, error) {
	path, err := profilePath()
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, errors.New("not signed in: run thingward login --server URL --ca FILE --user NAME --password-file FILE")
	}
	if err != nil {
		return nil, err
	}
	var p profile
	if err := json.Unmarshal(b, &p); err != nil {
		return nil, fmt.Errorf("the profile %s is damaged: sign in again", path)
	}
	return &p, nil
}

// client calls a server's API as the person of a profile.
type client struct {
	profile *profile
	http    *http.Client
}

func newClient(p *profile) (*client, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(p.CA)) {
		return nil, errors.New("the CA file holds no PEM certificate: use DIR/ca/root.pem of the server")
	}
	return &client{profile: p, http: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, Proxy: nil}}}, nil
}

// signedIn is the client of the kept profile.
func signedIn() (*client, error) {
	p, err := loadProfile()
	if err != nil {
		return nil, err
	}
	return newClient(p)
}

// do sends a request and returns the open answer; a problem becomes an error that reads as the server meant it.
func (c *client) do(ctx context.Context, method, path, contentType string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.profile.Server, "/")+api.Prefix+path, body)
	if err != nil {
		return nil, err
	}
	if c.profile.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.profile.Token)
	}
	req.Header.Set("X-Thingward-Client", "cli")
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be reached: %w", c.profile.Server, errors.Unwrap(err))
	}
	if resp.StatusCode < http.StatusBadRequest {
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }()
	return nil, refusal(resp)
}

func refusal(resp *http.Response) error {
	var p api.Problem
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&p); err != nil || p.Detail == "" {
		return fmt.Errorf("the server answered %s", resp.Status)
	}
	e := &fleet.Error{Code: p.Code, Message: p.Detail, Fields: p.Errors}
	if len(p.Policies) > 0 {
		e.Message += " (policy " + strings.Join(p.Policies, ", ") + ")"
	}
	return e
}

// call sends in (if not nil) as JSON and decodes the answer into out (if not nil).
func (c *client) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	resp, err := c.do(ctx, method, path, "application/json", body)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if out == nil || resp.StatusCode == http.StatusNoContent {
		return nil
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return fmt.Errorf("the server's answer cannot be read: %w", err)
	}
	return nil
}

// object is any JSON object; the command line shows what the API gives.
type object = map[string]any

// list reads all pages of a list, up to most items (0: all).
func (c *client) list(ctx context.Context, path string, query url.Values, most int) ([]object, error) {
	var all []object
	if query == nil {
		query = url.Values{}
	}
	for {
		left := 1000
		if most > 0 {
			left = min(left, most-len(all))
		}
		query.Set("limit", fmt.Sprint(left))
		var page api.Page[object]
		if err := c.call(ctx, http.MethodGet, path+"?"+query.Encode(), nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.Next == "" || (most > 0 && len(all) >= most) {
			return all, nil
		}
		query.Set("after", page.Next)
	}
}

// query drops what is empty.
func query(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	return v
}
