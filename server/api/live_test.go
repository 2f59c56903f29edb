package api_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/bus/bustest"
)

// reader is a console at the other end of a live stream.
type reader struct {
	t      *testing.T
	events chan [3]string // id, kind, data; closed when the stream ends
	cancel context.CancelFunc
	status int
}

func (w *world) listen(server, who, lastID string) *reader {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	w.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server+"/api/v1/live", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", who)
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	res, err := http.DefaultClient.Do(req) //nolint:bodyclose // closed by the goroutine below
	if err != nil {
		w.t.Fatal(err)
	}
	r := &reader{t: w.t, events: make(chan [3]string, 4096), cancel: cancel, status: res.StatusCode}
	go func() {
		defer close(r.events)
		defer func() { _ = res.Body.Close() }()
		var ev [3]string
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			field, value, _ := strings.Cut(lines.Text(), ": ")
			switch field {
			case "id":
				ev[0] = value
			case "event":
				ev[1] = value
			case "data":
				ev[2] = value
			case "":
				r.events <- ev
				ev = [3]string{}
			}
		}
	}()
	return r
}

// next is the next event, "end" when the stream is over.
func (r *reader) next() (id, kind, data string) {
	r.t.Helper()
	select {
	case ev, ok := <-r.events:
		if !ok {
			return "", "end", ""
		}
		return ev[0], ev[1], ev[2]
	case <-time.After(20 * time.Second):
		r.t.Fatal("nothing came")
		return "", "", ""
	}
}

func (r *reader) want(kind, data string) (id string) {
	r.t.Helper()
	id, k, d := r.next()
	if k != kind || (data != "" && d != data) {
		r.t.Fatalf("%s %s, want %s %s", k, d, kind, data)
	}
	return id
}

func serve(t *testing.T, w *world) string {
	t.Helper()
	s := httptest.NewServer(w)
	t.Cleanup(s.Close)
	return s.URL
}

func TestLiveSendsOnlyWhatTheCallerMaySee(t *testing.T) {
	w := open(t, nil)
	url := serve(t, w)
	if r := w.listen(url, "stranger", ""); r.status != http.StatusUnauthorized {
		t.Errorf("stranger: %d", r.status)
	}
	if r := w.listen(url, "mute", ""); r.status != http.StatusForbidden {
		t.Errorf("caller without self:read: %d", r.status)
	}
	anna, rita := w.listen(url, "anna", ""), w.listen(url, "rita", "")
	anna.want("hello", "")
	rita.want("hello", "")
	w.Live("alert", access.AlertRead, map[string]int{"n": 1})
	w.Live("device", access.DeviceRead, map[string]int{"n": 2})
	anna.want("alert", `{"n":1}`)
	anna.want("device", `{"n":2}`)
	rita.want("device", `{"n":2}`)
}

func TestLiveSendsNewsOfASiteToWhoMayReadThere(t *testing.T) {
	w := open(t, nil)
	url := serve(t, w)
	local, rita := w.listen(url, "local", ""), w.listen(url, "rita", "")
	local.want("hello", "")
	rita.want("hello", "")
	w.Live("device", access.DeviceRead, "of no site")
	w.LiveAt("hall-2", "device", access.DeviceRead, "elsewhere")
	w.LiveAt("hall-1", "alert", access.AlertRead, "not for local users")
	w.LiveAt("hall-1", "device", access.DeviceRead, "here")
	one := local.want("device", `"here"`)
	for _, all := range []string{`"of no site"`, `"elsewhere"`, `"here"`} {
		rita.want("device", all)
	}
	w.LiveAt("hall-2", "device", access.DeviceRead, "elsewhere again")
	w.LiveAt("hall-1", "device", access.DeviceRead, "here again")
	again := w.listen(url, "local", one) // what was missed is judged as well
	again.want("hello", "")
	again.want("device", `"here again"`)
}

func TestLiveResumes(t *testing.T) {
	w := open(t, nil)
	url := serve(t, w)
	first := w.listen(url, "rita", "")
	hello := first.want("hello", "")
	w.Live("device", access.DeviceRead, 1)
	one := first.want("device", "1")
	first.cancel()
	w.Live("device", access.DeviceRead, 2)
	w.Live("alert", access.AlertRead, "not for rita")
	w.Live("device", access.DeviceRead, 3)
	second := w.listen(url, "rita", one)
	second.want("hello", "")
	second.want("device", "2")
	second.want("device", "3")
	third := w.listen(url, "rita", hello) // lost before the first message came
	third.want("hello", "")
	third.want("device", "1")
	for what, id := range map[string]string{"another epoch": "other.1", "no id": "nonsense", "the future": strings.Split(one, ".")[0] + ".99"} {
		r := w.listen(url, "rita", id)
		r.want("hello", "")
		if after := r.want("reset", "{}"); after == "" {
			t.Errorf("%s: the reset carries no id, so the next one would be reset again", what)
		}
	}
}

func TestLiveResetsWhoWasAwayTooLong(t *testing.T) {
	w := open(t, nil)
	url := serve(t, w)
	r := w.listen(url, "rita", "")
	old := r.want("hello", "")
	r.cancel()
	for i := range 5000 {
		w.Live("device", access.DeviceRead, i)
	}
	again := w.listen(url, "rita", old)
	again.want("hello", "")
	id := again.want("reset", "{}")
	w.Live("device", access.DeviceRead, "new")
	again.want("device", `"new"`)
	after := w.listen(url, "rita", id)
	after.want("hello", "")
	after.want("device", `"new"`)
}

// slow is a client whose connection stands still while blocked.
type slow struct {
	http.ResponseWriter
	gate chan struct{}
}

func (s slow) Write(b []byte) (int, error) {
	<-s.gate
	return s.ResponseWriter.Write(b)
}

func (s slow) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// A client that fell behind is told, also when nothing comes after what it lost.
func TestLiveTellsWhoFellBehind(t *testing.T) {
	w := open(t, nil)
	gate := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.ServeHTTP(slow{rw, gate}, r) }))
	t.Cleanup(s.Close)
	opened := make(chan *reader, 1)
	go func() { opened <- w.listen(s.URL, "rita", "") }()
	gate <- struct{}{} // hello: the stream has joined
	r := <-opened
	for i := range 3000 {
		w.Live("device", access.DeviceRead, i)
	}
	close(gate)
	r.want("hello", "")
	for last := -1; ; {
		_, kind, data := r.next()
		if kind == "device" {
			var n int
			if _, err := fmt.Sscan(data, &n); err != nil || n != last+1 {
				t.Fatalf("%s after %d without a reset", data, last)
			}
			last = n
			if last < 511 {
				continue
			}
			w.clock.Advance(11 * time.Second) // the ping finds the loss
			continue
		}
		if kind == "ping" {
			w.clock.Advance(11 * time.Second)
			continue
		}
		if kind != "reset" || last > 1000 {
			t.Fatalf("%s after %d", kind, last)
		}
		return
	}
}

func TestLiveEndsWithTheRight(t *testing.T) {
	b := bustest.Open(t)
	w := open(t, b)
	url := serve(t, w)
	for what, end := range map[string]func() error{
		"account cut":     func() error { return b.Announce(bus.TopicCut, bus.Cut{SubjectKind: "account", SubjectID: "id-rita"}) },
		"account changed": func() error { return b.Announce(bus.TopicChanged, bus.Changed{Kind: "account", ID: "id-rita"}) },
		"session ended":   func() error { return b.Announce(bus.TopicChanged, bus.Changed{Kind: "session", ID: "session-rita"}) },
	} {
		rita, anna := w.listen(url, "rita", ""), w.listen(url, "anna", "")
		rita.want("hello", "")
		anna.want("hello", "")
		if err := end(); err != nil {
			t.Fatal(err)
		}
		rita.want("end", "")
		w.Live("device", access.DeviceRead, what)
		anna.want("device", `"`+what+`"`)
	}
	rita := w.listen(url, "rita", "")
	rita.want("hello", "")
	w.door.mu.Lock()
	delete(w.door.may, "rita")
	w.door.mu.Unlock()
	for kind := ""; kind != "end"; _, kind, _ = rita.next() { // unannounced, the next ping finds out
		w.clock.Advance(11 * time.Second)
	}
}

func TestLiveStreamsAreBounded(t *testing.T) {
	w := open(t, nil)
	url := serve(t, w)
	for range 20 {
		w.listen(url, "rita", "").want("hello", "")
	}
	if r := w.listen(url, "rita", ""); r.status != http.StatusTooManyRequests {
		t.Errorf("the 21st stream of one caller: %d", r.status)
	}
	w.listen(url, "anna", "").want("hello", "")
}

func TestLiveReachesOtherNodes(t *testing.T) {
	b := bustest.Open(t)
	one, two := open(t, b), open(t, b)
	r := two.listen(serve(t, two), "rita", "")
	r.want("hello", "")
	one.Live("device", access.DeviceRead, "from afar")
	r.want("device", `"from afar"`)
}

var _ http.Handler = (*api.Router)(nil)
