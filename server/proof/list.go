package proof

import (
	"context"
	"strconv"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/audit"
)

// entryJSON is an entry for people.
type entryJSON struct {
	Index    int64        `json:"index"`
	Event    *fleet.Event `json:"event,omitempty"`
	LeafHash string       `json:"leafHash" doc:"base64 of SHA-256(0x00 ‖ body)"`
	Sealed   bool         `json:"sealed" doc:"Proved up to the last signed checkpoint."`
	Broken   string       `json:"broken,omitempty" doc:"Why the entry is not shown: it does not verify."`
	Body     []byte       `json:"body,omitempty" doc:"The exact bytes of the leaf."`
}

func toJSON(e audit.Entry, withBody bool) entryJSON {
	out := entryJSON{Index: e.Index, LeafHash: e.Leaf.String(), Sealed: e.Sealed, Broken: e.Broken}
	if e.Broken == "" {
		out.Event = &e.Event
		if withBody {
			out.Body = e.Body
		}
	}
	return out
}

type listInput struct {
	api.PageInput
	Type   string    `query:"type" maxLength:"100" doc:"An event type, or the beginning of several (device.)."`
	Actor  string    `query:"actor" maxLength:"256" doc:"Id or name of who did it."`
	Object string    `query:"object" maxLength:"256" doc:"Id or name of what it was done to."`
	From   time.Time `query:"from"`
	To     time.Time `query:"to"`
}

func (s *Service) list(ctx context.Context, in *listInput) (*api.List[entryJSON], error) {
	before, err := parseBefore(in.After)
	if err != nil {
		return nil, err
	}
	entries, more, err := s.audit.List(ctx, audit.Filter{Type: in.Type, Actor: in.Actor, Object: in.Object, From: in.From, To: in.To, Before: before, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	page := api.Page[entryJSON]{Items: make([]entryJSON, len(entries))}
	for i, e := range entries {
		page.Items[i] = toJSON(e, false)
	}
	if more {
		page.Next = api.Cursor(strconv.FormatInt(entries[len(entries)-1].Index, 10))
	}
	return &api.List[entryJSON]{Body: page}, nil
}

// parseBefore reads a cursor: the index of the last entry of the page before; 0 for none.
func parseBefore(cursor string) (int64, error) {
	keys, ok, err := api.ParseCursor(cursor, 1)
	if err != nil || !ok {
		return 0, err
	}
	before, err := strconv.ParseInt(keys[0], 10, 64)
	if err != nil || before < 1 {
		return 0, fleet.Invalid("after", "is no cursor of this list: leave it out to begin at the newest entry")
	}
	return before, nil
}

type indexInput struct {
	Index int64 `path:"index" minimum:"0"`
}

func (s *Service) entry(ctx context.Context, in *indexInput) (*api.One[entryJSON], error) {
	e, err := s.audit.Entry(ctx, in.Index)
	if err != nil {
		return nil, err
	}
	return &api.One[entryJSON]{Body: toJSON(e, true)}, nil
}
