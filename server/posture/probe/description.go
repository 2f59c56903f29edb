package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/posture"
)

// operation is one operation of the API as its description states it.
type operation struct {
	Method, Path string
	Permission   string          `json:"x-permission"`
	Audits       string          `json:"x-audits"`
	Text         string          `json:"description"`
	Body         json.RawMessage `json:"requestBody"`
}

// open reports whether the operation says why it needs no identity.
func (o operation) open() bool {
	_, why, said := strings.Cut(o.Text, "Open: ")
	return o.Permission == "" && said && strings.TrimSpace(why) != ""
}

func (o operation) name() string { return o.Method + " " + o.Path }

// description is what is tried at the API and read in its description.
func (p *Prober) description() map[string]Try {
	tries := map[string]Try{}
	if p.OpenAPI != nil {
		for name, judge := range map[string]func([]operation) posture.ProbeResult{
			"api.protected": protected, "api.audited": audited, "api.append-only": appendOnly, "api.identifier-fixed": identifierFixed,
		} {
			tries[name] = func(context.Context) (posture.ProbeResult, error) {
				ops, err := p.operations()
				if err != nil {
					return unclear("the API's description cannot be read"), err
				}
				return judge(ops), nil
			}
		}
	}
	i := slices.IndexFunc(p.Targets, func(t Target) bool { return t.API && t.TLS })
	if i < 0 {
		return tries
	}
	if p.OpenAPI != nil {
		tries["api.anonymous"] = func(ctx context.Context) (posture.ProbeResult, error) { return p.anonymous(ctx, p.Targets[i]) }
	}
	tries["api.false-token"] = func(ctx context.Context) (posture.ProbeResult, error) { return p.falseToken(ctx, p.Targets[i]) }
	tries["est.no-evidence"] = func(ctx context.Context) (posture.ProbeResult, error) { return p.noEvidence(ctx, p.Targets[i]) }
	tries["est.central-generation"] = func(ctx context.Context) (posture.ProbeResult, error) {
		return p.centralGeneration(ctx, p.Targets[i])
	}
	return tries
}

// operations reads the description. It must hold a fair number of operations, or it is not the real one.
func (p *Prober) operations() ([]operation, error) {
	b, err := p.OpenAPI()
	if err != nil {
		return nil, err
	}
	return parseDescription(b)
}

func parseDescription(b []byte) (ops []operation, err error) {
	var doc struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		return nil, err
	}
	for path, methods := range doc.Paths {
		for method, raw := range methods {
			if !slices.Contains([]string{"get", "post", "put", "delete", "patch", "head", "options"}, method) {
				continue
			}
			var o operation
			if err := json.Unmarshal(raw, &o); err != nil {
				return nil, err
			}
			o.Method, o.Path = strings.ToUpper(method), path
			ops = append(ops, o)
		}
	}
	slices.SortFunc(ops, func(a, b operation) int { return strings.Compare(a.name(), b.name()) })
	return ops, nil
}

func protected(ops []operation) posture.ProbeResult {
	for _, o := range ops {
		if !o.open() && !slices.Contains(access.Permissions, access.Permission(o.Permission)) {
			return broke("%s names no permission and no reason for being open", o.name())
		}
	}
	return counted(ops, "each operation of the API names its permission, or why it is open")
}

// What two operations record that change no state of the fleet, and enter the log with the events: signing out changes nothing but
// the caller's own session, and asking what would be changes nothing.
const (
	ownEnd = "session.closed"
	asking = "posture.assumed"
)

func audited(ops []operation) posture.ProbeResult {
	for _, o := range ops {
		if o.Method != "GET" && !o.open() && !fleet.EventTypes[o.Audits].Change && o.Audits != ownEnd && o.Audits != asking {
			return broke("%s names no audit entry", o.name())
		}
	}
	return counted(ops, "each writing operation of the API names its audit entry")
}

func appendOnly(ops []operation) posture.ProbeResult {
	for _, o := range ops {
		if strings.Contains(o.Path+"/", "/audit/") && o.Method != "GET" && (o.Method != "POST" || !strings.HasSuffix(o.Path, "/audit/verify")) {
			return broke("%s can write to the log", o.name())
		}
	}
	return counted(ops, "no operation of the API edits or deletes an entry of the log")
}

// identifierFixed looks for operations that write an existing device (they have it in their path) and take an id in the body.
func identifierFixed(ops []operation) posture.ProbeResult {
	for _, o := range ops {
		if o.Method != "GET" && strings.Contains(o.Path, "/devices/{") && bytes.Contains(o.Body, []byte(`"id":`)) {
			return broke("%s takes an identifier", o.name())
		}
	}
	return counted(ops, "no operation of the API that writes a device takes an identifier")
}

func counted(ops []operation, what string) posture.ProbeResult {
	if len(ops) == 0 {
		return unclear("the API's description holds no operation")
	}
	return held("%s", what)
}

// anonymous calls each operation that is not open, without a credential.
func (p *Prober) anonymous(ctx context.Context, t Target) (posture.ProbeResult, error) {
	ops, err := p.operations()
	if err != nil {
		return unclear("the API's description cannot be read"), err
	}
	client := p.http(t)
	for _, o := range ops {
		if o.open() {
			continue
		}
		status, err := p.call(ctx, client, t, o.Method, fill(o.Path), "", nil)
		if err != nil {
			return unclear("the API does not answer"), err
		}
		if status != http.StatusUnauthorized {
			return broke("%s without a credential is answered with %d, not 401", o.name(), status), nil
		}
	}
	return counted(ops, "each operation of the API that is not open answers 401 without a credential"), nil
}

// fill puts something into the parameters of a path.
func fill(path string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(path, "{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		_, path, _ = strings.Cut(rest, "}")
		out.WriteString("self-test")
	}
}

func (p *Prober) falseToken(ctx context.Context, t Target) (posture.ProbeResult, error) {
	status, err := p.call(ctx, p.http(t), t, http.MethodGet, "/api/v1/whoami", "Bearer "+secret(), nil)
	switch {
	case err != nil:
		return unclear("the API does not answer"), err
	case status != http.StatusUnauthorized:
		return broke("a token that was never issued is answered with %d, not 401", status), nil
	default:
		return held("a token that was never issued is refused"), nil
	}
}

// call makes one request and gives its status.
func (p *Prober) call(ctx context.Context, c *http.Client, t Target, method, path, authorization string, body []byte) (int, error) {
	req, err := http.NewRequestWithContext(ctx, method, "https://"+reachable(t.Address)+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/pkcs10")
		req.Header.Set("Content-Transfer-Encoding", "base64")
	}
	resp, err := c.Do(req)
	if err != nil {
		return 0, err
	}
	_, _ = io.CopyN(io.Discard, resp.Body, answerMost)
	return resp.StatusCode, resp.Body.Close()
}
