package records

import (
	"bytes"
	"context"
	"fmt"
	"slices"
)

// reread reads the files of a record anew, as they are stored, and gives its evidence with what they say. Files attached before
// the kind read any are read here for the first time.
func (s *Service) reread(ctx context.Context, r *stored, k Kind) (evidence []Evidence, faults []Fault, err error) {
	evidence = slices.Clone(r.Evidence)
	for i := range evidence {
		e := &evidence[i]
		if !k.reads(*e) {
			continue
		}
		content := bytes.NewBuffer(make([]byte, 0, min(max(e.Size, 0), FileMost)))
		wrong, err := s.content(ctx, *e, func(piece []byte) { content.Write(piece) })
		if err != nil {
			return nil, nil, err
		}
		if wrong != "" {
			s.tellAltered(ctx, r, wrong, *e)
			return nil, []Fault{{"evidence", wrong + ": remove it, and attach it again"}}, nil
		}
		facts, refused := k.read(*e, content)
		for _, f := range refused {
			faults = append(faults, Fault{"evidence", fmt.Sprintf("%s: %s %s", quoted(e.Name), f.Path, f.Message)})
		}
		e.Read = facts
	}
	return evidence, faults, nil
}

// same refuses to approve what its files do not say any more, as after a change of how they are read.
func (s *Service) same(ctx context.Context, r *stored, k Kind) error {
	if k.Reading == nil {
		return nil
	}
	evidence, faults, err := s.reread(ctx, r, k)
	if err != nil {
		return err
	}
	for i := range evidence {
		if len(faults) == 0 && !slices.Equal(evidence[i].Read, r.Evidence[i].Read) {
			faults = append(faults, Fault{"evidence", quoted(evidence[i].Name) + " is read otherwise now than when the record was submitted: reject it, so that it is submitted anew"})
		}
	}
	if len(faults) > 0 {
		err = refusal("the record cannot be approved as it is: reject it, so that its author can put it right", faults)
	}
	return err
}

// readNew reads a file that is being attached.
func (k Kind) readNew(e Evidence, content []byte) ([]Fact, error) {
	facts, faults := k.read(e, bytes.NewReader(content))
	if len(faults) == 0 {
		return facts, nil
	}
	return nil, refusal(fmt.Sprintf("%s says that it is %s and cannot be read as such: nothing was attached", quoted(clip(e.Name)), k.Reading.Format), faults)
}
