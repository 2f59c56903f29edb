package demo

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
	"time"

	"github.com/thingward/thingward/server"
	"github.com/thingward/thingward/server/api"
)

// apiClient is a person who uses the API, as any script would.
type apiClient struct {
	base  string
	token string
	http  *http.Client
}

var errTaken = errors.New("it is there already")

// signIn uses a one-time link to get a session.
func signIn(ctx context.Context, srv *server.Server, root []byte, account string) (*apiClient, error) {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(root)
	c := &apiClient{base: "https://" + srv.Addresses().HTTPS, http: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "localhost", MinVersion: tls.VersionTLS13}}}}
	link, err := srv.SignInLink(ctx, account, time.Minute)
	if err != nil {
		return nil, err
	}
	var out struct {
		Token string `json:"token"`
	}
	err = c.call(ctx, http.MethodPost, "/login/link", map[string]string{"token": link}, &out)
	c.token = out.Token
	return c, err
}

func (c *apiClient) call(ctx context.Context, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return c.send(ctx, method, path, "application/json", body, out)
}

func (c *apiClient) send(ctx context.Context, method, path, contentType string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.base+api.Prefix+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", contentType)
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	switch {
	case err != nil:
		return err
	case resp.StatusCode == http.StatusConflict:
		return errTaken
	case resp.StatusCode >= http.StatusBadRequest:
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, answer)
	case out == nil || len(answer) == 0:
		return nil
	}
	return json.Unmarshal(answer, out)
}
