package demo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/thingward/thingward/server"
)

// riskManager approves what others write; nobody in the demo approves their own.
const riskManager = "sofia-lind"

// caretaker looks after one site and sees nothing else.
const caretaker = "noor-haddad"

// office is the people behind the fleet, who keep records, risks and exceptions through the API as any organisation would. It
// leaves some of what is owed undone, as organisations do.
type office struct {
	write, decide, admin *apiClient // operator, risk manager and administrator
	people               []string
	objects              map[string][]object
}

type object struct{ ID, Name string }

type field struct {
	Name, Type string
	Optional   bool
	Of         string
	Fields     []field
}

type recordKind struct {
	Name, Title, About string
	Form               []field
	Files              struct {
		Least   int
		Reads   string
		Example []struct{ Name, Media, Content string }
	}
	Readers string
	Example map[string]any
}

// undone names kinds that the demo's organisation has not got round to, so that the board shows what is owed.
var undone = []string{"independent-assessment", "liability-assessment", "site-survey", "supplier-agreement", "provider-performance", "continuity-plan"}

// keep makes the records that are missing. It runs once: where any record exists, it leaves everything as people left it.
func keep(ctx context.Context, srv *server.Server, root []byte, admin *apiClient, say func(string, ...any)) error {
	o := office{admin: admin, people: []string{operator, riskManager, administrator, caretaker}, objects: map[string][]object{}}
	var err error
	if o.write, err = signIn(ctx, srv, root, operator); err != nil {
		return err
	}
	if o.decide, err = signIn(ctx, srv, root, riskManager); err != nil {
		return err
	}
	var there struct{ Total int }
	if err := o.write.call(ctx, http.MethodGet, "/records?limit=1", nil, &there); err != nil || there.Total > 0 {
		return err
	}
	if err := o.register(ctx); err != nil {
		return err
	}
	n, err := o.records(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(o.acknowledge(ctx, admin), o.risks(ctx), o.exceptions(ctx)); err != nil {
		return err
	}
	say("office: %d records, risks and exceptions are kept", n)
	return errors.Join(o.engage(ctx, srv, root), o.assign(ctx))
}

// engage lets the auditor begin an engagement and ask for two things, of which one is answered.
func (o *office) engage(ctx context.Context, srv *server.Server, root []byte) error {
	a, err := signIn(ctx, srv, root, auditor)
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	day := func(days int) string { return now.AddDate(0, 0, days).Format(time.RFC3339) }
	var e struct{ ID string }
	in := map[string]any{"title": "Yearly audit of building services", "system": "building-services", "from": day(-90), "to": day(0), "ends": day(60), "scope": map[string]any{"domains": []string{"CRD", "COM", "TSP"}}, "auditors": []string{auditor}}
	if err := a.call(ctx, http.MethodPost, "/engagements", in, &e); err != nil {
		return err
	}
	for _, ask := range []string{"Which devices still hold their keys outside hardware, and until when?", "Show how a stolen certificate is found and cut off."} {
		if err := a.call(ctx, http.MethodPost, "/engagements/"+e.ID+"/requests", map[string]any{"text": ask, "due": day(14)}, nil); err != nil {
			return err
		}
	}
	answer := map[string]any{"text": "Locks of the first delivery; they are replaced with the next one, see the exception asked for SDV-06."}
	return o.write.call(ctx, http.MethodPost, "/engagements/"+e.ID+"/requests/1/answer", answer, nil)
}

// assign gives the findings of some domains to people, once the first sweep has found any.
func (o *office) assign(ctx context.Context) error {
	for {
		var sum struct{ Open int }
		if err := o.decide.call(ctx, http.MethodGet, "/findings/summary", nil, &sum); err != nil {
			return err
		}
		if sum.Open > 0 {
			break
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(2 * time.Second):
		}
	}
	for domain, owner := range map[string]string{"CMP": operator, "SDV": operator, "RSM": riskManager, "CRD": administrator} {
		in := map[string]any{"filter": map[string]any{"domain": domain}, "owner": owner}
		if err := o.decide.call(ctx, http.MethodPost, "/findings/assign", in, nil); err != nil {
			return err
		}
	}
	return nil
}

// entries are what the organisation deals with, beside its devices.
var entries = []struct {
	kind, name string
	facts      map[string]any
}{
	{"supplier", "nordic-sensors", map[string]any{"supplies": []string{"devices"}}},
	{"supplier", "lockwerk", map[string]any{"supplies": []string{"devices", "components"}, "critical": true}},
	{"provider", "harbour-cloud", map[string]any{"service": "Hosting of the platform and its backups", "critical": true}},
	{"link", "weather-service", map[string]any{"to": "Weather forecasts for heating", "accountable": operator, "direction": "in"}},
	{"web-service", "tenant-portal", map[string]any{"address": "https://tenants.example", "public": true}},
	{"cloud-account", "harbour-cloud-production", map[string]any{"provider": "harbour-cloud"}},
	{"host", "edge-proxy-1", map[string]any{"role": "Reverse proxy in front of the platform", "os": "Debian 12"}},
	{"admin-computer", "ops-laptop-07", map[string]any{"user": operator, "managed": true}},
	{"segment", "hamburg-zigbee", map[string]any{"technology": "zigbee", "devices": 12}},
	{"data-store", "platform-database", map[string]any{"what": "State, telemetry and the audit log", "class": "confidential"}},
	{"release", "door-lock-2.4.1", map[string]any{"type": "door-lock", "version": "2.4.1"}},
	{"release", "thermostat-3.4.0", map[string]any{"type": "thermostat", "version": "3.4.0"}},
	{"log-source", "edge-proxy-access-log", map[string]any{"what": "Requests to the reverse proxy"}},
}

func (o *office) register(ctx context.Context) error {
	for _, e := range entries {
		in := map[string]any{"kind": e.kind, "name": e.name, "system": "building-services", "owner": operator, "facts": e.facts}
		if err := o.write.call(ctx, http.MethodPost, "/register", in, nil); err != nil && !errors.Is(err, errTaken) {
			return err
		}
	}
	return nil
}

// records writes a record for each object of each kind, from the kind's own example, and has it approved.
func (o *office) records(ctx context.Context) (n int, err error) {
	var kinds struct{ Items []recordKind }
	if err := o.write.call(ctx, http.MethodGet, "/record-kinds?limit=1000", nil, &kinds); err != nil {
		return 0, err
	}
	for i, k := range kinds.Items {
		if slices.Contains(undone, k.Name) {
			continue
		}
		objects, err := o.about(ctx, k.About)
		if err != nil {
			return n, err
		}
		for j, obj := range objects {
			if (i+j)%9 == 8 {
				continue // not everybody has done everything
			}
			if err := o.record(ctx, k, obj, (i+j)%23 == 22); err != nil {
				return n, fmt.Errorf("%s of %s: %w", k.Name, obj.Name, err)
			}
			n++
		}
	}
	return n, nil
}

// record writes one record; a waiting one is left for somebody to approve.
func (o *office) record(ctx context.Context, k recordKind, obj object, waiting bool) error {
	body, err := o.fill(ctx, k.Form, k.Example, map[string]string{})
	if err != nil {
		return err
	}
	var r struct{ ID string }
	if err := o.write.call(ctx, http.MethodPost, "/records", map[string]any{"kind": k.Name, "object": obj.ID, "owner": operator, "body": body}, &r); err != nil {
		return err
	}
	read, err := o.results(ctx, k, r.ID)
	if err != nil {
		return err
	}
	for i := range max(k.Files.Least-read, 0) {
		page := fmt.Sprintf("Demo evidence %d for %s of %s.\n", i+1, k.Title, obj.Name)
		if err := o.write.send(ctx, http.MethodPost, "/records/"+r.ID+"/evidence?name="+fmt.Sprintf("%s-%d.txt", k.Name, i+1)+"&media=text/plain", "application/octet-stream", []byte(page), nil); err != nil {
			return err
		}
	}
	if err := o.write.call(ctx, http.MethodPost, "/records/"+r.ID+"/submit", map[string]any{}, nil); err != nil || waiting {
		return err
	}
	return o.decide.call(ctx, http.MethodPost, "/records/"+r.ID+"/approve", map[string]any{}, nil)
}

// results attaches what a kind reads, such as the results of scanners: the files of its own example.
func (o *office) results(ctx context.Context, k recordKind, record string) (int, error) {
	if k.Files.Reads == "" {
		return 0, nil
	}
	var whole recordKind
	if err := o.write.call(ctx, http.MethodGet, "/record-kinds/"+k.Name, nil, &whole); err != nil {
		return 0, err
	}
	for _, f := range whole.Files.Example {
		q := url.Values{"name": {f.Name}, "media": {f.Media}}
		if err := o.write.send(ctx, http.MethodPost, "/records/"+record+"/evidence?"+q.Encode(), "application/octet-stream", []byte(f.Content), nil); err != nil {
			return 0, err
		}
	}
	return len(whole.Files.Example), nil
}

// fill puts people and objects that exist into an example's fields.
func (o *office) fill(ctx context.Context, form []field, example map[string]any, cast map[string]string) (map[string]any, error) {
	out := maps.Clone(example)
	for _, f := range form {
		switch v, there := out[f.Name]; {
		case !there:
		case f.Type == "person":
			name, _ := v.(string)
			if cast[name] == "" {
				cast[name] = o.people[len(cast)%len(o.people)] // who is somebody else in the example is somebody else here
			}
			out[f.Name] = cast[name]
		case f.Type == "refs":
			objects, err := o.about(ctx, f.Of)
			if err != nil {
				return nil, err
			}
			names := []any{}
			for _, obj := range objects {
				names = append(names, obj.Name)
			}
			out[f.Name] = names
		case f.Type == "rows":
			rows, err := o.fillRows(ctx, f.Fields, v, cast)
			if err != nil {
				return nil, err
			}
			out[f.Name] = rows
		}
	}
	return out, nil
}

func (o *office) fillRows(ctx context.Context, form []field, v any, cast map[string]string) ([]any, error) {
	out := []any{}
	list, _ := v.([]any)
	for _, row := range list {
		m, _ := row.(map[string]any)
		filled, err := o.fill(ctx, form, m, cast)
		if err != nil {
			return nil, err
		}
		out = append(out, filled)
	}
	return out, nil
}

// lists says where the objects of a kind are found.
var lists = map[string]string{"system": "/systems?limit=100", "site": "/sites?limit=100", "type": "/types?limit=100", "account": "/accounts?kind=person&limit=100"}

// about lists the objects of a kind.
func (o *office) about(ctx context.Context, kind string) ([]object, error) {
	if kind == "organisation" {
		return []object{{"organisation", "organisation"}}, nil
	}
	if kind == "device" {
		return nil, nil // retired devices only, and none is
	}
	if got, ok := o.objects[kind]; ok {
		return got, nil
	}
	path, ok := lists[kind]
	if !ok {
		path = "/register?limit=100&kind=" + kind
	}
	var page struct{ Items []object }
	err := o.admin.call(ctx, http.MethodGet, path, nil, &page)
	for i := range page.Items {
		if page.Items[i].ID == "" {
			page.Items[i].ID = page.Items[i].Name
		}
	}
	o.objects[kind] = page.Items
	return page.Items, err
}

// acknowledge reads what is in force as the administrator would: most of it.
func (o *office) acknowledge(ctx context.Context, admin *apiClient) error {
	var page struct {
		Items []struct{ ID, Kind string }
	}
	if err := admin.call(ctx, http.MethodGet, "/records?state=approved&limit=1000", nil, &page); err != nil {
		return err
	}
	for i, r := range page.Items {
		if i%5 == 4 {
			continue
		}
		if err := admin.call(ctx, http.MethodPost, "/records/"+r.ID+"/acknowledge", map[string]any{}, nil); err != nil && !errors.Is(err, errTaken) {
			continue // a record that this person need not acknowledge is refused
		}
	}
	return nil
}

var threats = []struct {
	title, asset, threat, weakness string
	scopes                         []string
	likelihood, impact             int
	safety                         bool
	decision                       string
}{
	{"Door opened by a stolen certificate", "door locks", "An insider copies a lock's key material", "Keys of older locks lie in a sealed file, not in hardware", []string{"device"}, 3, 5, true, "mitigate"},
	{"Camera pictures read on the way", "cameras", "Somebody listens on the yard's network", "One recorder still takes RTSP inside the site network", []string{"network"}, 3, 4, false, "mitigate"},
	{"Thermostats turned off together in winter", "thermostats", "A compromised operator account commands the whole fleet", "Bulk commands need one person only", []string{"cloud", "app"}, 4, 4, true, ""},
	{"Air quality readings falsified", "air-quality sensors", "A tenant disturbs the sensor's radio", "The sensors report their radio's quality, and nobody looks at it", []string{"device", "network"}, 3, 2, false, "accept"},
	{"Gateway lost with its site", "gateways", "Fire or flood at a depot", "There is one gateway for each site", []string{"gateway"}, 2, 3, false, "defer"},
	{"Provider ends its service at short notice", "weather service", "A supplier goes out of business", "There is no second source", []string{"cloud"}, 2, 2, false, "accept"},
}

func (o *office) risks(ctx context.Context) error {
	for i, t := range threats {
		var r struct{ ID string }
		in := map[string]any{
			"title": t.title, "asset": t.asset, "system": "building-services", "scopes": t.scopes, "threat": t.threat, "vulnerability": t.weakness,
			"likelihood": t.likelihood, "impact": t.impact, "safety": t.safety, "owner": operator,
		}
		if err := o.write.call(ctx, http.MethodPost, "/risks", in, &r); err != nil {
			return err
		}
		if t.decision == "" {
			continue
		}
		in = map[string]any{"decision": t.decision, "reason": "Discussed in the monthly security meeting.", "ends": time.Now().AddDate(0, 3+i, 0).UTC().Format(time.RFC3339)}
		if err := o.decide.call(ctx, http.MethodPost, "/risks/"+r.ID+"/decide", in, nil); err != nil {
			return err
		}
		if t.decision == "mitigate" {
			in = map[string]any{"title": "Replace what is weak at the depot first", "owner": operator, "due": time.Now().AddDate(0, 2, 0).UTC().Format(time.RFC3339)}
			if err := o.write.call(ctx, http.MethodPost, "/risks/"+r.ID+"/mitigations", in, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// exceptions asks for two and has one of them approved.
func (o *office) exceptions(ctx context.Context) error {
	ask := []map[string]any{
		{"control": "CLS-08", "justification": "The demo sends alerts nowhere: it has no mail server.", "compensating": "Alerts are watched in the console during the day.", "ends": time.Now().AddDate(0, 1, 0).UTC().Format(time.RFC3339)},
		{"control": "SDV-06", "justification": "Locks of the first delivery have no trusted boot and cannot get it.", "compensating": "They are behind a gateway and report when their case is opened.", "plan": "Replaced with the next delivery.", "ends": time.Now().AddDate(0, 6, 0).UTC().Format(time.RFC3339)},
	}
	for i, in := range ask {
		var e struct{ ID string }
		if err := o.write.call(ctx, http.MethodPost, "/exceptions", in, &e); err != nil {
			return err
		}
		if i == 0 {
			if err := o.decide.call(ctx, http.MethodPost, "/exceptions/"+e.ID+"/approve", map[string]any{"reason": "For the demo's month."}, nil); err != nil {
				return err
			}
		}
	}
	return nil
}
