package identity

import (
	"context"
	"errors"

	"github.com/thingward/thingward/server/store"
)

// errRehearsed ends the transaction of a rehearsal that went well.
var errRehearsed = errors.New("rehearsed")

// Rehearse says why a certificate request of a subject would be refused, by nil that it would not. The certificate is signed
// and kept as at any enrolment, but in a transaction that is always rolled back, and thrown away.
func (s *Service) Rehearse(ctx context.Context, subject Subject, body []byte) error {
	req, err := parseRequest(body)
	if err != nil {
		return err
	}
	o := order{subject: subject, req: req, how: byClaim, party: subject.party(""), evidence: map[string]any{"method": "rehearsal"}}
	r, err := s.sign(o)
	if err != nil {
		return err
	}
	err = s.DB.Keep(ctx, func(tx *store.Tx) error {
		if err := s.keep(tx, o, r); err != nil {
			return err
		}
		return errRehearsed
	})
	if errors.Is(err, errRehearsed) {
		return nil
	}
	return err
}
