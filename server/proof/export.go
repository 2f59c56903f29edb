package proof

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/provable"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

// writeTimeout is how long a reader of an export may stand still.
const writeTimeout = 30 * time.Second

type exportInput struct {
	From int64 `query:"from" minimum:"0" doc:"The first entry; 0 unless given."`
	To   int64 `query:"to" minimum:"0" doc:"The entry to end before; all that are sealed unless given."`
}

func (s *Service) export(ctx context.Context, in *exportInput) (*huma.StreamResponse, error) {
	x, err := s.audit.Export(ctx, access.PartyOf(ctx), in.From, in.To)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		_, w := humago.Unwrap(hc)
		w.Header().Set("Content-Type", "application/x-ndjson")
		w.Header().Set("Content-Disposition", `attachment; filename="`+x.Name()+`"`)
		to := &patient{w: w, rc: http.NewResponseController(w)}
		out := bufio.NewWriterSize(to, 64<<10)
		err := x.Write(ctx, out)
		if err == nil {
			err = out.Flush()
		}
		if err != nil {
			s.ended(ctx, to, err)
		}
	}}, nil
}

// ended tells the reader that there is no whole file: by a problem where nothing was sent yet, or else by cutting the
// connection.
func (s *Service) ended(ctx context.Context, to *patient, err error) {
	s.router.Log.Error("export ended early", "request", api.RequestID(ctx), "error", err)
	if to.wrote {
		panic(http.ErrAbortHandler)
	}
	detail := "the entries could not be read: try again, and see the server's log if it stays so"
	var broken *provable.Broken
	if errors.As(err, &broken) {
		detail = "the entries do not verify and are not exported: run thingward audit verify to see where the log was altered"
	}
	to.w.Header().Del("Content-Disposition")
	to.w.Header().Set("Content-Type", "application/problem+json")
	to.w.WriteHeader(http.StatusServiceUnavailable)
	_ = json.NewEncoder(to.w).Encode(api.Problem{ // a reader who has gone needs no answer
		Type: "urn:thingward:problem:unavailable", Title: http.StatusText(http.StatusServiceUnavailable), Status: http.StatusServiceUnavailable, Code: fleet.CodeUnavailable,
		Detail: detail, Request: api.RequestID(ctx),
	})
}

// patient gives every piece of a long answer its own time.
type patient struct {
	w     http.ResponseWriter
	rc    *http.ResponseController
	wrote bool
}

// Write writes within writeTimeout.
func (p *patient) Write(b []byte) (int, error) {
	p.wrote = true
	_ = p.rc.SetWriteDeadline(time.Now().Add(writeTimeout)) // a writer without deadlines waits as long as it likes
	return p.w.Write(b)
}
