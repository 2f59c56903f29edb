// Package proof serves the audit log over HTTP: auditors read and export its entries, and everyone who is signed in may
// have the log verified and get proofs, checkpoints and the public key to verify it without trusting this server. No
// route writes or deletes an entry.
package proof

import (
	"context"
	"errors"
	"time"

	"github.com/thingward/thingward/kit/provable"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/audit"
)

// Config is what a Service needs.
type Config struct {
	Audit *audit.Log
}

// Service answers for the audit log.
type Service struct {
	audit  *audit.Log
	key    string // verifier key
	public []byte // the Ed25519 key in it
	router *api.Router
}

// New makes a Service.
func New(_ context.Context, c Config) (*Service, error) {
	if c.Audit == nil {
		return nil, errors.New("proof: no audit log is given")
	}
	public, err := provable.PublicKey(c.Audit.Key)
	if err != nil {
		return nil, err
	}
	return &Service{audit: c.Audit, key: c.Audit.Key, public: public}, nil
}

const tag = "Audit"

// Routes registers the routes and tells open consoles of every new checkpoint. Call it before the log runs.
func (s *Service) Routes(r *api.Router) {
	s.router = r
	api.Get(r, "/audit", access.AuditRead, api.Doc{Tag: tag, Summary: "Entries of the audit log, newest first", Text: "Every entry is checked against the signed tree before it is shown; one that fails has `broken` in the place of its event."}, s.list)
	api.Get(r, "/audit/{index}", access.AuditRead, api.Doc{Tag: tag, Summary: "One entry, with the bytes that are its leaf"}, s.entry)
	api.Get(r, "/audit/proof/{index}", access.AuditVerify, api.Doc{Tag: tag, Summary: "Proof that an entry is in the signed tree", Text: proofText}, s.proof)
	api.Get(r, "/audit/checkpoint", access.AuditVerify, api.Doc{Tag: tag, Summary: "The last signed checkpoint and the log's public key", Text: checkpointText}, s.checkpoint)
	api.Get(r, "/audit/consistency", access.AuditVerify, api.Doc{Tag: tag, Summary: "Proof that the log only grew between two sizes", Text: "An RFC 6962 §2.1.2 consistency proof."}, s.consistency)
	api.Post(r, "/audit/verify", access.AuditVerify, "audit.verified", api.Doc{Tag: tag, Summary: "Verify the whole log now", Text: "Recomputes every hash and compares it with every signed checkpoint. Several callers share one run."}, s.verify)
	api.Get(r, "/audit/verify", access.AuditVerify, api.Doc{Tag: tag, Summary: "What the last verification found"}, s.lastVerify)
	api.Get(r, "/audit/export", access.AuditRead, api.Doc{Tag: tag, Summary: "Export entries to a file that verifies by itself", Text: "Newline-delimited JSON; `thingward audit verify --file` checks it with the public key only. Taking it is recorded as audit.exported."}, s.export)
	s.audit.Watch(func(cp provable.Checkpoint) {
		r.Live("checkpoint", access.AuditVerify, checkpointNews{Size: cp.Size, Root: cp.Root.String(), Time: cp.Time})
	})
}

// checkpointNews is the live message "checkpoint".
type checkpointNews struct {
	Size int64     `json:"size"`
	Root string    `json:"root"`
	Time time.Time `json:"time"`
}

const (
	proofText      = "An RFC 6962 §2.1.1 audit path, the hash nearest the leaf first: the leaf is SHA-256(0x00 ‖ body), a node SHA-256(0x01 ‖ left ‖ right). `size` asks for an earlier tree. The entry's body is there for auditors only."
	checkpointText = "A C2SP signed note: the text up to the empty line is signed with Ed25519; of the signature, after the first four bytes (the key's hash) the 64 bytes are the signature."
)
