package proof

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/provable"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/audit"
)

type verifyJSON struct {
	OK          bool             `json:"ok"`
	Size        int64            `json:"size"`
	Root        string           `json:"root,omitempty"`
	Checked     int64            `json:"checked"`
	Sealed      int64            `json:"sealed"`
	Checkpoints int64            `json:"checkpoints"`
	Started     time.Time        `json:"started"`
	Duration    float64          `json:"duration" doc:"Seconds."`
	Broken      *provable.Broken `json:"broken,omitempty"`
	Running     *runningJSON     `json:"running,omitempty" doc:"A verification that goes on now."`
}

type runningJSON struct {
	Checked int64 `json:"checked"`
	Size    int64 `json:"size"`
}

func toVerifyJSON(v audit.Verification) verifyJSON {
	out := verifyJSON{OK: v.OK, Size: v.Size, Checked: v.Checked, Sealed: v.Sealed, Checkpoints: v.Checkpoints, Started: v.Started, Duration: v.Duration.Seconds(), Broken: v.Broken}
	if v.OK {
		out.Root = v.Root.String()
	}
	return out
}

func (s *Service) verify(ctx context.Context, _ *struct{}) (*api.One[verifyJSON], error) {
	by := access.PartyOf(ctx)
	v, err := s.audit.Verify(ctx, &by)
	if err != nil {
		return nil, err
	}
	return &api.One[verifyJSON]{Body: toVerifyJSON(v)}, nil
}

func (s *Service) lastVerify(context.Context, *struct{}) (*api.One[verifyJSON], error) {
	checked, size, running := s.audit.VerifyProgress()
	last, ok := s.audit.LastVerification()
	switch {
	case !ok && running:
		return nil, fleet.Errorf(fleet.CodeNotFound, "the first verification since the start is at entry %d of %d: ask again when it is through", checked, size)
	case !ok:
		return nil, fleet.Errorf(fleet.CodeNotFound, "the log has not been verified since the start: POST to this address does")
	}
	out := toVerifyJSON(last)
	if running {
		out.Running = &runningJSON{checked, size}
	}
	return &api.One[verifyJSON]{Body: out}, nil
}
