package proof

import (
	"context"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

type proofInput struct {
	Index int64 `path:"index" minimum:"0"`
	Size  int64 `query:"size" minimum:"0" doc:"Of the tree to prove it in; the last signed one unless given."`
}

type proofJSON struct {
	Index      int64    `json:"index"`
	Size       int64    `json:"size"`
	LeafHash   string   `json:"leafHash"`
	Hashes     []string `json:"hashes"`
	Body       []byte   `json:"body,omitempty"`
	Checkpoint string   `json:"checkpoint" doc:"The signed note of that size where one is kept, or else the last one: ask for /audit/consistency between the two."`
}

func (s *Service) proof(ctx context.Context, in *proofInput) (*api.One[proofJSON], error) {
	p, err := s.audit.Inclusion(ctx, in.Index, in.Size)
	if err != nil {
		return nil, err
	}
	out := proofJSON{Index: in.Index, Size: p.Size, LeafHash: p.Entry.Leaf.String(), Hashes: encode(p.Hashes), Checkpoint: p.Checkpoint.Note}
	if caller, ok := access.From(ctx); ok && s.router.Policy.Decide(ctx, caller, access.AuditRead, access.Resource{}).Allowed {
		out.Body = p.Entry.Body
	}
	return &api.One[proofJSON]{Body: out}, nil
}

func encode(hashes []tlog.Hash) []string {
	out := make([]string, len(hashes))
	for i, h := range hashes {
		out[i] = h.String()
	}
	return out
}

type checkpointJSON struct {
	Size       int64      `json:"size"`
	Root       string     `json:"root"`
	Checkpoint string     `json:"checkpoint" doc:"The signed note; empty while nothing is signed."`
	Time       *time.Time `json:"time,omitempty"`
	Key        string     `json:"key" doc:"The verifier key: name, hash and key."`
	PublicKey  []byte     `json:"publicKey" doc:"The raw Ed25519 key."`
	Pending    int64      `json:"pending" doc:"Recorded entries that no checkpoint covers yet."`
}

func (s *Service) checkpoint(ctx context.Context, _ *struct{}) (*api.One[checkpointJSON], error) {
	cp, err := s.audit.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	pending, err := s.audit.Pending(ctx)
	if err != nil {
		return nil, err
	}
	out := checkpointJSON{Size: cp.Size, Root: cp.Root.String(), Checkpoint: cp.Note, Key: s.key, PublicKey: s.public, Pending: pending}
	if !cp.Time.IsZero() {
		out.Time = &cp.Time
	}
	return &api.One[checkpointJSON]{Body: out}, nil
}

type consistencyInput struct {
	From int64 `query:"from" minimum:"1" required:"true"`
	To   int64 `query:"to" minimum:"0" doc:"The last signed size unless given."`
}

type consistencyJSON struct {
	From   int64    `json:"from"`
	To     int64    `json:"to"`
	Hashes []string `json:"hashes"`
}

func (s *Service) consistency(ctx context.Context, in *consistencyInput) (*api.One[consistencyJSON], error) {
	hashes, to, err := s.audit.Consistency(ctx, in.From, in.To)
	if err != nil {
		return nil, err
	}
	return &api.One[consistencyJSON]{Body: consistencyJSON{From: in.From, To: to, Hashes: encode(hashes)}}, nil
}
