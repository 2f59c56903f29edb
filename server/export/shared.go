package export

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/store"
)

// pieceSize is how much of a file one row holds: few rows for a large pack, and little memory for each.
const pieceSize = 1 << 20

// whole is the file that holds all others.
const whole = "pack.zip"

// share puts a pack into the database, so that every node can hand it out: the one file that holds all others.
func (s *Service) share(ctx context.Context, j Job) error {
	if !s.Shared {
		return nil
	}
	if err := s.shareFile(ctx, j.ID, whole); err != nil {
		return fmt.Errorf("share a pack: %w", err)
	}
	return nil
}

func (s *Service) shareFile(ctx context.Context, job, name string) (err error) {
	src, err := os.Open(filepath.Join(s.dir(job), name))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	piece := make([]byte, pieceSize)
	for n := 0; ; n++ {
		size, err := io.ReadFull(src, piece)
		if size > 0 {
			if err := s.DB.Keep(ctx, func(tx *store.Tx) error {
				_, err := tx.Exec("INSERT INTO export_chunk (job, file, n, box) VALUES (?, ?, ?, ?)", job, name, n, piece[:size])
				return err
			}); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// open opens a file of a pack. A node that did not make the pack gets the file from the database first, and believes it only
// with the hash that stands in the list.
func (s *Service) open(ctx context.Context, j Job, f File) (*os.File, error) {
	job := j.ID
	path := filepath.Join(s.dir(job), f.Name)
	file, err := os.Open(path)
	if err == nil || !errors.Is(err, os.ErrNotExist) || !s.Shared {
		return file, err
	}
	if err := os.MkdirAll(s.dir(job), 0o700); err != nil {
		return nil, err
	}
	part := path + "." + id.New()
	var sum string
	if f.Name == whole {
		sum, err = s.fetch(ctx, job, f.Name, part)
	} else {
		sum, err = s.unpack(ctx, j, f.Name, part)
	}
	if err == nil && sum != f.SHA256 {
		err = fleet.Errorf(fleet.CodeUnavailable, "%s is not whole in the database: ask for a new export", f.Name)
	}
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(part))
	}
	return os.Open(path)
}

// unpack writes a file of a pack, taken out of the whole, to path and gives its SHA-256.
func (s *Service) unpack(ctx context.Context, j Job, name, path string) (sum string, err error) {
	i := slices.IndexFunc(j.Files, func(f File) bool { return f.Name == whole })
	if i < 0 {
		return "", fleet.Errorf(fleet.CodeNotFound, "the file is not on this server's disk any more: ask for a new export")
	}
	pack, err := s.open(ctx, j, j.Files[i])
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, pack.Close()) }()
	all, err := zip.NewReader(pack, j.Files[i].Size)
	if err != nil {
		return "", err
	}
	src, err := all.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	dst, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, dst.Close()) }()
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(dst, hash), src)
	return hex.EncodeToString(hash.Sum(nil)), err
}

// fetch writes a file from the database to path and gives its SHA-256.
func (s *Service) fetch(ctx context.Context, job, name, path string) (sum string, err error) {
	dst, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, dst.Close()) }()
	hash := sha256.New()
	for n := 0; ; n++ {
		var piece []byte
		err := s.DB.QueryRow(ctx, "SELECT box FROM export_chunk WHERE job = ? AND file = ? AND n = ?", job, name, n).Scan(&piece)
		if store.IsNoRows(err) {
			return hex.EncodeToString(hash.Sum(nil)), nil
		}
		if err != nil {
			return "", err
		}
		if _, err := io.MultiWriter(dst, hash).Write(piece); err != nil {
			return "", err
		}
	}
}

func dropChunks(tx *store.Tx, job string) error {
	_, err := tx.Exec("DELETE FROM export_chunk WHERE job = ?", job)
	return err
}
