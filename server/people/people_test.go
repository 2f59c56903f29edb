package people_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/people"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

const (
	good    = "plough-violet-kettle-42"
	another = "marble trombone eleven foxes"
)

// world is router, people and access over a real store, as the server wires them.
type world struct {
	*api.Router
	t       testing.TB
	db      *store.DB
	clock   *clock.Fake
	token   string // of the first administrator
	acc     *access.Service
	fleet   *devices
	reviews *people.Reviews
	logs    *strings.Builder
}

// authority stands for package identity.
type authority struct{ clock clock.Clock }

func (authority) Usable(context.Context, *x509.Certificate) error { return nil }

func (authority) RevokeSubject(*store.Tx, string, string, string, fleet.Party) error { return nil }

func (a authority) AccountClaim(_ context.Context, accountID string) (string, time.Time, error) {
	return "claim-of-" + accountID, a.clock.Now().Add(time.Hour), nil
}

// sites stands for package registry.
type sites struct{}

func (sites) SiteName(_ context.Context, ref string) (string, error) {
	if ref == "hall-1" || ref == "id-of-hall-1" {
		return "hall-1", nil
	}
	return "", fleet.Invalid("site", "there is no site "+ref)
}

func open(t testing.TB, db *store.DB, b *bus.Bus) *world {
	t.Helper()
	w := &world{t: t, db: db, clock: clock.NewFake(time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)), logs: &strings.Builder{}}
	log := slog.New(slog.NewTextHandler(w.logs, nil))
	acc, err := access.New(context.Background(), access.Config{
		DB: db, Bus: b, Audit: audittest.Open(t, db, b, w.clock), Clock: w.clock, Log: log, Key: sealed.NewKey(), Rules: access.Rules{HashMemory: 64, HashPasses: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(acc.Close)
	acc.Trust(authority{w.clock}, authority{w.clock})
	w.acc = acc
	if _, err := acc.CreateFirstAdministrator(context.Background(), "anna", good); err != nil {
		t.Fatal(err)
	}
	w.Router, err = api.New(api.Config{Version: "test", Auth: acc, Policy: acc, Events: b, Bus: b, Clock: w.clock, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	people.New(people.Config{Access: acc, Claims: authority{w.clock}, Sites: sites{}, Clock: w.clock, Log: log}).Routes(w.Router)
	w.fleet = &devices{}
	reviews, err := people.NewReviews(context.Background(), people.ReviewConfig{DB: db, Audit: acc.Audit, Accounts: acc, Devices: w.fleet, Clock: w.clock, Bus: b})
	if err != nil {
		t.Fatal(err)
	}
	reviews.Routes(w.Router)
	w.reviews = reviews
	w.token = w.login("anna", good)
	return w
}

// answer is what came back.
type answer struct {
	*httptest.ResponseRecorder
	problem api.Problem
	json    map[string]any
}

func (w *world) do(method, path, token, body string, set ...func(*http.Request)) answer {
	w.t.Helper()
	r := httptest.NewRequest(method, "https://thingward.test/api/v1"+path, strings.NewReader(body))
	if body == "" {
		r.Body = http.NoBody
	} else {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for _, f := range set {
		f(r)
	}
	a := answer{ResponseRecorder: httptest.NewRecorder(), json: map[string]any{}}
	w.ServeHTTP(a, r)
	if a.Code >= 400 {
		if err := json.Unmarshal(a.Body.Bytes(), &a.problem); err != nil {
			w.t.Errorf("%s %s: %d without a problem: %s", method, path, a.Code, a.Body)
		}
	}
	_ = json.Unmarshal(a.Body.Bytes(), &a.json) // some answers have no body
	return a
}

func (w *world) ok(method, path, token, body string, set ...func(*http.Request)) answer {
	w.t.Helper()
	a := w.do(method, path, token, body, set...)
	if a.Code >= 300 {
		w.t.Fatalf("%s %s: %d %s", method, path, a.Code, a.Body)
	}
	return a
}

func (w *world) refused(status int, detail, method, path, token, body string) answer {
	w.t.Helper()
	a := w.do(method, path, token, body)
	if text := fmt.Sprint(a.problem.Detail, a.problem.Errors); a.Code != status || !strings.Contains(text, detail) {
		w.t.Errorf("%s %s: %d %s, want %d with %q", method, path, a.Code, text, status, detail)
	}
	return a
}

func (w *world) login(user, password string) string {
	w.t.Helper()
	return w.ok("POST", "/login", "", fmt.Sprintf(`{"user":%q,"password":%q}`, user, password)).json["token"].(string)
}

func console(r *http.Request) { r.Header.Set("X-Thingward-Client", "console") }

func TestConsoleSignsInWithACookieThatScriptsCannotRead(t *testing.T) {
	w := open(t, storetest.Open(t), bustest.Open(t))
	a := w.ok("POST", "/login", "", fmt.Sprintf(`{"user":"anna","password":%q}`, good), console)
	if a.json["token"] != "" || a.json["mfaRequired"] != false {
		t.Errorf("answer %v", a.json)
	}
	cookies := a.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("cookies %v", cookies)
	}
	c := cookies[0]
	if c.Name != "__Host-thingward" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || !c.Expires.Equal(w.clock.Now().Add(12*time.Hour)) {
		t.Errorf("cookie %+v", c)
	}
	with := func(r *http.Request) { r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value}) }
	who := w.ok("GET", "/whoami", "", "", with)
	if p := who.json["principal"].(map[string]any); p["name"] != "anna" || p["method"] != "password" || p["address"] != "192.0.2.1" {
		t.Errorf("principal %v", p)
	}
	if a := w.do("POST", "/logout", "", "", with, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }); a.Code != http.StatusForbidden {
		t.Errorf("another site signs out: %d", a.Code)
	}
	out := w.ok("POST", "/logout", "", "", with)
	if gone := out.Result().Cookies(); len(gone) != 1 || gone[0].Value != "" || gone[0].Expires.After(time.Unix(10, 0)) || out.Code != http.StatusNoContent {
		t.Errorf("%d, cookies %v", out.Code, gone)
	}
	if a := w.do("GET", "/whoami", "", "", with); a.Code != http.StatusUnauthorized {
		t.Errorf("after signing out: %d", a.Code)
	}
}

func TestWhoamiSaysWhatPolicyAllows(t *testing.T) {
	w := open(t, storetest.Open(t), bustest.Open(t))
	w.clock.Advance(49 * time.Hour)
	a := w.ok("GET", "/whoami", w.login("anna", good), "")
	if a.json["passwordAge"] != 2.0 || a.json["mfaEnrolled"] != false || a.json["mustChange"] != false {
		t.Errorf("%v", a.json)
	}
	may := fmt.Sprint(a.json["permissions"])
	if !strings.Contains(may, "account:write") || !strings.Contains(may, "key:write") || strings.Contains(may, "audit:read") {
		t.Errorf("permissions %s", may)
	}
}

func TestFailedSignInsTellNothing(t *testing.T) {
	w := open(t, storetest.Open(t), bustest.Open(t))
	known := w.refused(401, "user name, password or code is wrong", "POST", "/login", "", `{"user":"anna","password":"wrong-guess"}`)
	unknown := w.refused(401, "user name, password or code is wrong", "POST", "/login", "", `{"user":"nobody","password":"wrong-guess"}`)
	known.problem.Request, unknown.problem.Request = "", ""
	if fmt.Sprint(known.problem) != fmt.Sprint(unknown.problem) {
		t.Errorf("%v, %v", known.problem, unknown.problem)
	}
	for _, user := range []string{"anna", "nobody"} {
		var last answer
		for range 4 {
			last = w.do("POST", "/login", "", fmt.Sprintf(`{"user":%q,"password":"wrong-guess"}`, user))
		}
		if last.Code != 401 || last.Header().Get("Retry-After") != "900" || last.problem.RetryAfter != 900 {
			t.Errorf("%s locked: %d %v", user, last.Code, last.problem)
		}
	}
	w.ok("POST", "/accounts/anna/unlock", w.token, "")
	w.login("anna", good)
}

func TestSecondFactorOverHTTP(t *testing.T) {
	w := open(t, storetest.Open(t), bustest.Open(t))
	e := w.ok("POST", "/me/totp", w.token, "")
	code := func() string {
		c, err := totp.GenerateCode(e.json["secret"].(string), w.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	w.refused(422, "not the code", "PUT", "/me/totp", w.token, `{"code":"000000"}`)
	if a := w.ok("PUT", "/me/totp", w.token, fmt.Sprintf(`{"code":%q}`, code())); a.Code != http.StatusNoContent {
		t.Errorf("%d", a.Code)
	}
	a := w.refused(401, "code", "POST", "/login", "", fmt.Sprintf(`{"user":"anna","password":%q}`, good))
	if len(a.problem.Errors) != 1 || a.problem.Errors[0].Path != "code" {
		t.Errorf("%+v", a.problem)
	}
	w.clock.Advance(time.Minute)
	a = w.ok("POST", "/login", "", fmt.Sprintf(`{"user":"anna","password":%q,"code":%q}`, good, code()))
	if p := a.json["principal"].(map[string]any); p["mfa"] != true || p["method"] != "totp" {
		t.Errorf("%v", p)
	}
	w.clock.Advance(time.Minute)
	w.ok("DELETE", "/me/totp", w.token, fmt.Sprintf(`{"code":%q}`, code()))
	w.login("anna", good)
}

func TestOwnPasswordAndTokens(t *testing.T) {
	w := open(t, storetest.Open(t), bustest.Open(t))
	w.refused(422, "present password", "POST", "/me/password", w.token, fmt.Sprintf(`{"current":"wrong","new":%q}`, another))
	weak := w.refused(422, "tried first", "POST", "/me/password", w.token, fmt.Sprintf(`{"current":%q,"new":"Password1234567"}`, good))
	if strings.Contains(weak.Body.String(), "Password1234567") || strings.Contains(weak.Body.String(), good) {
		t.Errorf("the answer repeats a password: %s", weak.Body)
	}
	if a := w.ok("POST", "/me/password", w.token, fmt.Sprintf(`{"current":%q,"new":%q}`, good, another)); a.Code != http.StatusNoContent {
		t.Errorf("%d", a.Code)
	}
	made := w.ok("POST", "/me/tokens", w.token, `{"name":"nightly","days":30}`)
	secret := made.json["token"].(string)
	if a := w.ok("GET", "/whoami", secret, ""); a.json["principal"].(map[string]any)["method"] != "token" {
		t.Errorf("%v", a.json)
	}
	w.refused(403, "a token cannot make tokens", "POST", "/me/tokens", secret, `{"name":"child","days":30}`)
	list := w.ok("GET", "/me/tokens", w.token, "")
	if items := list.json["items"].([]any); len(items) != 1 || strings.Contains(list.Body.String(), secret) {
		t.Errorf("%s", list.Body)
	}
	w.ok("DELETE", "/me/tokens/"+made.json["id"].(string), w.token, "")
	w.refused(401, "not valid", "GET", "/whoami", secret, "")
	w.refused(404, "no such token", "DELETE", "/me/tokens/"+made.json["id"].(string), w.token, "")
}

func TestAccountsOverHTTP(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := open(t, db, bustest.Open(t))
		op := w.ok("POST", "/accounts", w.token, fmt.Sprintf(`{"name":"bert","kind":"person","roles":["system-operator"],"password":%q}`, good))
		if op.json["state"] != "active" || op.json["link"] != nil || op.json["claim"] != nil {
			t.Errorf("%v", op.json)
		}
		w.refused(422, "is required with the role auditor", "POST", "/accounts", w.token, `{"name":"cora","kind":"person","roles":["auditor"]}`)
		fresh := w.ok("POST", "/accounts", w.token, fmt.Sprintf(`{"name":"cora","kind":"person","roles":["auditor"],"expires":%q}`, w.clock.Now().AddDate(0, 1, 0).Format(time.RFC3339)))
		feed := w.ok("POST", "/accounts", w.token, `{"name":"feed","kind":"service","roles":["application"]}`)
		if feed.json["claim"] != "claim-of-"+feed.json["id"].(string) || feed.json["claimExpires"] == nil {
			t.Errorf("%v", feed.json)
		}
		w.refused(409, "taken", "POST", "/accounts", w.token, `{"name":"bert","kind":"person","roles":["risk-manager"]}`)
		w.refused(422, "naming convention", "POST", "/accounts", w.token, `{"name":"Bert B","kind":"person","roles":["risk-manager"]}`)
		w.refused(422, "cannot hold this role", "POST", "/accounts", w.token, `{"name":"okay","kind":"service","roles":["key-manager"]}`)

		link := w.ok("POST", "/login/link", "", fmt.Sprintf(`{"token":%q}`, fresh.json["link"]))
		cora := link.json["token"].(string)
		first := w.refused(403, "may not account:read", "GET", "/accounts", cora, "")
		if !slices.Equal(first.problem.Policies, []string{"password-change-first"}) {
			t.Errorf("%v", first.problem)
		}
		w.ok("POST", "/me/password", cora, fmt.Sprintf(`{"current":"","new":%q}`, another))
		names, after := []string{}, ""
		for range 3 {
			page := w.ok("GET", "/accounts?limit=2&after="+after, cora, "")
			for _, item := range page.json["items"].([]any) {
				names = append(names, item.(map[string]any)["name"].(string))
			}
			next, more := page.json["next"].(string)
			if !more {
				break
			}
			after = next
		}
		if strings.Join(names, " ") != "anna bert cora feed" {
			t.Errorf("%v", names)
		}
		w.refused(403, "may not account:write", "POST", "/accounts/bert/disable", cora, `{"reason":"x"}`)

		bert := w.login("bert", good)
		w.refused(403, "may not account:read", "GET", "/accounts", bert, "")
		w.refused(422, "there is no site hall-9", "PUT", "/accounts/bert/roles", w.token, `{"roles":["local-user"],"site":"hall-9"}`)
		w.refused(422, "there is no site hall-9", "POST", "/accounts", w.token, `{"name":"lou","kind":"person","roles":["local-user"],"site":"hall-9"}`)
		w.refused(422, "is required with the role local-user", "POST", "/accounts", w.token, `{"name":"lou","kind":"person","roles":["local-user"]}`)
		w.ok("PUT", "/accounts/bert/roles", w.token, `{"roles":["local-user"],"site":"id-of-hall-1"}`)
		if who := w.ok("GET", "/whoami", bert, ""); !strings.Contains(fmt.Sprint(who.json["permissions"]), "device:read") || who.json["principal"].(map[string]any)["site"] != "hall-1" {
			t.Errorf("%v", who.json)
		}
		w.ok("PUT", "/accounts/bert/password", w.token, fmt.Sprintf(`{"password":%q}`, another))
		w.refused(401, "ended", "GET", "/whoami", bert, "")
		w.refused(409, "reset it instead", "POST", "/accounts/bert/link", w.token, `{"hours":1}`)
		w.refused(422, "reason", "POST", "/accounts/bert/disable", w.token, `{"reason":""}`)
		if a := w.ok("POST", "/accounts/bert/disable", w.token, `{"reason":"left"}`); a.json["state"] != "disabled" || a.json["reason"] != "left" {
			t.Errorf("%v", a.json)
		}
		w.refused(409, "disabled already", "POST", "/accounts/bert/disable", w.token, `{"reason":"left"}`)
		w.refused(409, "last enabled system administrator", "POST", "/accounts/anna/disable", w.token, `{"reason":"left"}`)
		if a := w.ok("POST", "/accounts/bert/enable", w.token, `{}`); a.json["state"] != "active" {
			t.Errorf("%v", a.json)
		}
		tok := w.ok("POST", "/accounts/feed/tokens", w.token, `{"name":"export","days":7}`)
		w.ok("GET", "/whoami", tok.json["token"].(string), "")
		if list := w.ok("GET", "/accounts/feed/tokens", w.token, ""); len(list.json["items"].([]any)) != 1 {
			t.Errorf("%s", list.Body)
		}
		w.refused(403, "by that person alone", "POST", "/accounts/bert/tokens", w.token, `{"name":"sneaky","days":7}`)
		w.ok("DELETE", "/accounts/feed/tokens/"+tok.json["id"].(string), w.token, "")
		w.refused(404, "nobody", "GET", "/accounts/nobody", w.token, "")
		w.refused(409, "no second factor", "DELETE", "/accounts/cora/totp", w.token, "")

		var recorded []string
		for _, ev := range audittest.Recorded(t, db) {
			recorded = append(recorded, ev.Type)
		}
		want := []string{
			"account.created", "account.created", "account.created", "link.created", "account.created", "link.used", "password.changed", "account.roles-changed",
			"password.changed", "account.disabled", "account.enabled", "token.created", "token.revoked",
		}
		if !slices.Equal(recorded, want) {
			t.Errorf("recorded %v", recorded)
		}
	})
}

func TestPoliciesAreReadable(t *testing.T) {
	w := open(t, storetest.Open(t), bustest.Open(t))
	a := w.ok("GET", "/policies", w.token, "")
	found := false
	for _, item := range a.json["items"].([]any) {
		p := item.(map[string]any)
		if p["id"] == "audit-log-auditors-only" {
			found = p["effect"] == "forbid" && fmt.Sprint(p["roles"]) == "[auditor]" && strings.Contains(p["text"].(string), "SCN-09")
		}
	}
	if !found {
		t.Errorf("%s", a.Body)
	}
}

// Every route but signing in refuses a caller without credential.
func TestNothingIsOpenButSigningIn(t *testing.T) {
	w := open(t, storetest.Open(t), bustest.Open(t))
	open := []string{}
	for path, item := range w.OpenAPI().Paths {
		for method, has := range map[string]bool{"GET": item.Get != nil, "POST": item.Post != nil, "PUT": item.Put != nil, "DELETE": item.Delete != nil} {
			if !has || strings.HasSuffix(path, "/live") {
				continue
			}
			concrete := strings.NewReplacer("{ref}", "anna", "{id}", "x", "/api/v1", "").Replace(path)
			if a := w.do(method, concrete, "", `{}`); a.Code != http.StatusUnauthorized || len(a.problem.Errors) > 0 {
				open = append(open, method+" "+concrete)
			}
		}
	}
	slices.Sort(open)
	if !slices.Equal(open, []string{"POST /login", "POST /login/link"}) {
		t.Errorf("open without a credential: %v", open)
	}
}

func TestNoSecretIsLogged(t *testing.T) {
	w := open(t, storetest.Open(t), bustest.Open(t))
	w.do("POST", "/login", "", fmt.Sprintf(`{"user":%q,"password":%q,"surplus":1}`, another, good))
	w.do("POST", "/login", "", fmt.Sprintf(`{"user":"anna","password":{"x":%q}}`, good))
	bad := w.do("POST", "/login", "", fmt.Sprintf(`{"user":"anna","password":["%s"]}`, good))
	if strings.Contains(bad.Body.String(), good) {
		t.Errorf("the answer repeats the password: %s", bad.Body)
	}
	w.do("POST", "/login/link", "", `{"token":"twl_secret-link"}`)
	for _, secret := range []string{good, another, "twl_secret-link", w.token} {
		if strings.Contains(w.logs.String(), secret) {
			t.Errorf("logged: %q", secret)
		}
	}
}

func FuzzLogin(f *testing.F) {
	w := open(f, storetest.Open(f), bustest.Open(f))
	f.Add(`{"user":"anna","password":"x"}`)
	f.Add(`{"user":"anna","password":"x","code":"000000"}`)
	f.Add(`{"user":1e999}`)
	f.Fuzz(func(t *testing.T, body string) {
		if strings.Contains(body, good) {
			return
		}
		w.clock.Advance(time.Hour)
		r := httptest.NewRequest(http.MethodPost, "https://thingward.test/api/v1/login", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		w.ServeHTTP(rec, r)
		if rec.Code < 400 || rec.Code >= 500 {
			t.Errorf("%q: %d %s", body, rec.Code, rec.Body)
		}
	})
}
