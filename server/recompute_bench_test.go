package server

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/records"
	"github.com/thingward/thingward/server/records/kinds"
	"github.com/thingward/thingward/server/store/storetest"
)

// BenchmarkRecompute runs the whole server over a database with 100,000 devices, 200 accounts and 1,000 approved records, and
// reports the first evaluation after a start on an empty posture, which writes every observation, finding and control, the
// sweeps after it, and what each is to a plain read of the same rows in the same run.
//
//	tools/with-postgres go test -run - -bench Recompute -benchtime 3x -timeout 30m ./server
func BenchmarkRecompute(b *testing.B) {
	devices := 100_000
	if n, err := strconv.Atoi(os.Getenv("THINGWARD_BENCH_DEVICES")); err == nil {
		devices = n
	}
	for engine, url := range storetest.URLs(b) {
		b.Run(engine, func(b *testing.B) { recompute(b, url, devices) })
	}
}

func recompute(b *testing.B, url string, devices int) {
	config := crowdConfig(b, url)
	duties := fill(b, config, devices)
	runtime.GC()
	debug.FreeOSMemory()
	s := opened(b, config)
	base, peak := memory(), watchHeap(b)
	ctx, stop := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	<-s.Ready()
	began, cpu := time.Now(), cpuTime(b)
	for o, err := s.posture.Overview(ctx); o.Sweep.At == nil; o, err = s.posture.Overview(ctx) {
		if err != nil {
			b.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	answered := time.Since(began)
	r := sweep(b, s) // waits until the first one has written everything
	written, used := r.At.Sub(began), cpuTime(b)-cpu
	read := plainRead(b, s)
	var swept time.Duration
	for b.Loop() {
		began := time.Now()
		r = sweep(b, s)
		swept += time.Since(began)
	}
	b.ReportMetric(answered.Seconds(), "s/first-answer")
	b.ReportMetric(written.Seconds(), "s/first-written")
	b.ReportMetric(used, "cpu-s/first-two")
	b.ReportMetric(float64(duties), "records")
	b.ReportMetric(swept.Seconds()/float64(b.N), "s/sweep")
	b.ReportMetric(read.Seconds(), "s/plain-read")
	b.ReportMetric(written.Seconds()/read.Seconds(), "first/read")
	b.ReportMetric(swept.Seconds()/float64(b.N)/read.Seconds(), "sweep/read")
	b.ReportMetric(float64(r.Checks), "verdicts")
	b.ReportMetric(float64(r.Subjects), "subjects")
	b.ReportMetric(float64(s.posture.FindingSummary().Open), "findings")
	b.ReportMetric(float64(peak.Load())/1e6, "MB-peak")
	runtime.GC()
	b.ReportMetric(float64(base)/1e6, "MB-before")
	b.ReportMetric(float64(memory())/1e6, "MB-after")
	stop()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
}

type sweptAt struct {
	At               time.Time
	Checks, Subjects int
}

// sweep makes one that must agree with what is known.
func sweep(b *testing.B, s *Server) sweptAt {
	b.Helper()
	r, err := s.posture.Sweep(b.Context())
	if err != nil || !r.Agreed {
		b.Fatalf("%+v %v", r, err)
	}
	return sweptAt{r.At, r.Checks, r.Subjects}
}

// fill makes the organisation and stops the server again, so that what is measured starts like any process.
func fill(b *testing.B, config Config, devices int) (records int) {
	b.Helper()
	s := opened(b, config)
	ctx, stop := context.WithCancel(b.Context())
	sealed := make(chan error, 1)
	go func() { sealed <- s.audit.Run(ctx) }()
	c := crowd{devices: devices, people: 200}
	c.seed(b, s)
	records = c.approve(b, s, 1000)
	stop()
	if err := <-sealed; err != nil {
		b.Fatal(err)
	}
	if err := s.close(); err != nil {
		b.Fatal(err)
	}
	return records
}

// approve writes, submits and approves records of every kind, from each kind's example, as people would.
func (c *crowd) approve(b *testing.B, s *Server, most int) (n int) {
	b.Helper()
	for _, e := range crowdEntries {
		if _, err := s.records.Enter(as(c.persons[0]), e.kind, records.EntryFacts{Name: e.name, System: crowdSystem, Owner: c.persons[0], Facts: e.facts(c.persons[0])}); err != nil {
			b.Fatal(e.name, err)
		}
	}
	for round := 0; n < most; round++ {
		before := n
		for _, k := range kinds.Records() {
			var owing []string
			if err := s.records.Duties(b.Context(), k.Name, func(d *records.Duty) error {
				if d.Owes && d.InForce == nil {
					owing = append(owing, d.Object.ID)
				}
				return nil
			}); err != nil {
				b.Fatal(err)
			}
			for _, object := range owing[:min(len(owing), 10, most-n)] {
				c.record(b, s, k, object)
				n++
			}
		}
		if n == before {
			return n // nothing more is owed
		}
	}
	return n
}

func (c *crowd) record(b *testing.B, s *Server, k records.Kind, object string) {
	b.Helper()
	body := c.cast(b, s, k.Form, k.ExampleOn(c.now), map[string]string{})
	r, err := s.records.Create(as(c.persons[0]), records.Start{Kind: k.Name, Object: object, Owner: c.persons[0], Body: body})
	read := 0
	if k.Reading != nil {
		for ; read < len(k.Reading.Example) && err == nil; read++ {
			f := k.Reading.Example[read]
			_, err = s.records.Attach(as(c.persons[0]), r.ID, f.Name, f.Media, []byte(f.Content))
		}
	}
	for i := read; i < k.Files.Least && err == nil; i++ {
		_, err = s.records.Attach(as(c.persons[0]), r.ID, fmt.Sprintf("evidence-%d.txt", i), "text/plain", fmt.Appendf(nil, "evidence %d", i))
	}
	if err == nil {
		_, err = s.records.Submit(as(c.persons[0]), r.ID, records.Step{})
	}
	if err == nil {
		_, err = s.records.Approve(as(c.persons[5]), r.ID, records.Step{})
	}
	if err != nil {
		b.Fatalf("%s of %s: %+v", k.Name, object, err)
	}
}

// cast puts people and objects that exist into an example.
func (c *crowd) cast(b *testing.B, s *Server, form []records.Field, body map[string]any, cast map[string]string) map[string]any {
	b.Helper()
	for _, f := range form {
		switch v := body[f.Name]; f.Type {
		case records.Person:
			name, there := v.(string)
			if !there {
				continue
			}
			if cast[name] == "" {
				cast[name] = c.persons[1+len(cast)]
			}
			body[f.Name] = cast[name]
		case records.Refs:
			if v == nil {
				continue
			}
			names := []any{}
			if err := s.records.Duties(b.Context(), aboutKind(b, f.Of), func(d *records.Duty) error { names = append(names, d.Object.Name); return nil }); err != nil {
				b.Fatal(err)
			}
			body[f.Name] = names
		case records.Rows:
			rows, _ := v.([]any)
			for _, row := range rows {
				if m, ok := row.(map[string]any); ok {
					c.cast(b, s, f.Fields, m, cast)
				}
			}
		default:
		}
	}
	return body
}

// aboutKind is a kind of record about what a field refers to, whose duties list its objects.
func aboutKind(b *testing.B, about records.About) string {
	b.Helper()
	for _, k := range kinds.Records() {
		if k.About == about {
			return k.Name
		}
	}
	b.Fatalf("no kind of record is about %s", about)
	return ""
}

var crowdEntries = []struct {
	kind  records.About
	name  string
	facts func(person string) records.Body
}{
	{records.Supplier, "nordic-sensors", stated(records.Body{"supplies": []any{"devices"}})},
	{records.Provider, "harbour-cloud", stated(records.Body{"service": "Hosting of the platform and its backups", "critical": true})},
	{records.Link, "weather-service", func(p string) records.Body {
		return records.Body{"to": "Weather forecasts for heating", "accountable": p, "direction": "in"}
	}},
	{records.WebService, "tenant-portal", stated(records.Body{"address": "https://tenants.example", "public": true})},
	{records.CloudAccount, "harbour-cloud-production", stated(records.Body{"provider": "harbour-cloud"})},
	{records.Host, "edge-proxy-1", stated(records.Body{"role": "Reverse proxy in front of the platform", "os": "Debian 12"})},
	{records.Computer, "ops-laptop-07", func(p string) records.Body { return records.Body{"user": p, "managed": true} }},
	{records.Segment, "hamburg-zigbee", stated(records.Body{"technology": "zigbee", "devices": 12.0})},
	{records.LogSource, "edge-proxy-access-log", stated(records.Body{"what": "Requests to the reverse proxy"})},
}

func stated(f records.Body) func(string) records.Body { return func(string) records.Body { return f } }

func as(name string) context.Context {
	return access.With(context.Background(), access.Principal{Kind: access.Person, ID: name, Name: name, Method: "password"})
}

// plainRead reads every column of every row that the facts come from, once, and does nothing with them: no sweep can be faster.
func plainRead(b *testing.B, s *Server) time.Duration {
	b.Helper()
	began := time.Now()
	for _, table := range []string{
		"registry_device", "registry_twin", "telemetry_seen", "identity_certificate", "identity_key", "people_review_line", "access_account", "access_session",
		"records_record", "records_evidence", "records_item", "records_ack", "records_register", "risk_risk", "detect_alert",
	} {
		rows, err := s.db.Query(b.Context(), "SELECT * FROM "+table)
		if err != nil {
			b.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			b.Fatal(err)
		}
		raw, into := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
		for i := range raw {
			into[i] = &raw[i]
		}
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				b.Fatal(err)
			}
		}
		if err := rows.Err(); err != nil {
			b.Fatal(err)
		}
		_ = rows.Close() //nolint:sqlclosecheck // one table after the other
	}
	return time.Since(began)
}

// memory is what Go has from the system, in bytes.
func memory() uint64 {
	m := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(m)
	return m[0].Value.Uint64() - m[1].Value.Uint64()
}

// watchHeap notes the most memory that was held until the benchmark ends.
func watchHeap(b *testing.B) *atomic.Uint64 {
	b.Helper()
	var peak atomic.Uint64
	stop := make(chan struct{})
	b.Cleanup(func() { close(stop) })
	go func() {
		for {
			peak.Store(max(peak.Load(), memory()))
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}()
	return &peak
}

// cpuTime is what this process has used of the processors, in seconds.
func cpuTime(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}
