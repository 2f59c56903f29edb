package records

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/thingward/thingward/server/store"
)

// pieceSize is how much of a file one sealed piece holds.
const pieceSize = 256 << 10

func insertEvidence(tx *store.Tx, record string, e Evidence) error {
	_, err := tx.Exec("INSERT INTO records_evidence (id, record, name, media, size, sha256, link, added, added_by, facts) VALUES ("+marks(10)+")",
		e.ID, record, e.Name, e.Media, e.Size, e.SHA256, e.Link, store.Time(e.Added), e.By, factsText(e.Read))
	return err
}

// updateFacts writes what files say now.
func updateFacts(tx *store.Tx, evidence []Evidence) error {
	for _, e := range evidence {
		if len(e.Read) == 0 {
			continue
		}
		if _, err := tx.Exec("UPDATE records_evidence SET facts = ? WHERE id = ?", factsText(e.Read), e.ID); err != nil {
			return err
		}
	}
	return nil
}

func deleteEvidence(tx *store.Tx, evidence string) error {
	if _, err := tx.Exec("DELETE FROM records_chunk WHERE evidence = ?", evidence); err != nil {
		return err
	}
	_, err := tx.Exec("DELETE FROM records_evidence WHERE id = ?", evidence)
	return err
}

// keep stores content in sealed pieces. The label binds each piece to its place, so that pieces cannot be exchanged.
func (s *Service) keep(tx *store.Tx, evidence string, content []byte) error {
	for n := 0; n*pieceSize < len(content); n++ {
		piece := content[n*pieceSize : min(len(content), (n+1)*pieceSize)]
		if _, err := tx.Exec("INSERT INTO records_chunk (evidence, n, box) VALUES (?, ?, ?)", evidence, n, s.Key.Seal(piece, pieceLabel(evidence, n))); err != nil {
			return err
		}
	}
	return nil
}

func pieceLabel(evidence string, n int) string { return fmt.Sprintf("evidence/%s/%d", evidence, n) }

// content reads a file piece by piece and compares it with its hash. wrong says what is not as it was attached, and where;
// it is empty when all is well. Memory is that of one piece, but for what take keeps.
func (s *Service) content(ctx context.Context, e Evidence, take func([]byte)) (wrong string, err error) {
	pieces := int((e.Size + pieceSize - 1) / pieceSize)
	if e.Size < 0 || e.Size > FileMost {
		return fmt.Sprintf("evidence %s (%s) says that it has %d bytes, which no file has", quoted(e.Name), e.ID, e.Size), nil
	}
	hash, size := sha256.New(), int64(0)
	for n := range pieces {
		var box []byte
		err := s.DB.QueryRow(ctx, "SELECT box FROM records_chunk WHERE evidence = ? AND n = ?", e.ID, n).Scan(&box)
		if store.IsNoRows(err) {
			return fmt.Sprintf("evidence %s (%s): piece %d of %d is gone", quoted(e.Name), e.ID, n+1, pieces), nil
		}
		if err != nil {
			return "", err
		}
		piece, err := s.Key.Open(box, pieceLabel(e.ID, n))
		if err != nil {
			return fmt.Sprintf("evidence %s (%s): piece %d of %d, from byte %d, was altered or exchanged", quoted(e.Name), e.ID, n+1, pieces, n*pieceSize), nil
		}
		_, _ = hash.Write(piece) // a hash takes everything
		size += int64(len(piece))
		if take != nil {
			take(piece)
		}
	}
	if sum := hex.EncodeToString(hash.Sum(nil)); sum != e.SHA256 || size != e.Size {
		return fmt.Sprintf("evidence %s (%s): what is stored has SHA-256 %s and %d bytes, attached were %s and %d", quoted(e.Name), e.ID, sum, size, clip(e.SHA256), e.Size), nil
	}
	return "", nil
}
