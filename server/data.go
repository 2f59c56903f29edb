package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/thingward/thingward/kit/durable"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/kit/sealed"
)

// dataFormat is the version of the data folder's layout. A program never opens a newer one.
const dataFormat = 1

// data is an open data folder. Only one process holds it at a time.
type data struct {
	dir    string
	lock   *os.File
	format format
}

// format is DIR/format.json, the first file that setup writes and the last it changes.
type format struct {
	Format     int       `json:"format"`
	Deployment string    `json:"deployment"` // names this installation in the audit log's origin
	Created    time.Time `json:"created"`
	Database   string    `json:"database"` // the engine that setup used: a start with another one would begin an empty fleet
	Ready      bool      `json:"ready"`    // setup ran to its end
}

func (d *data) path(parts ...string) string {
	return filepath.Join(append([]string{d.dir}, parts...)...)
}

// openData takes the folder's lock and reads its format; the format is zero in a fresh folder.
func openData(dir string) (*data, error) {
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no data folder %s: make it with thingward setup --data %s --admin NAME --password-file FILE", dir, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("data folder %s is in use by another process: stop that one first", dir)
	}
	d := &data{dir: dir, lock: lock}
	if err := d.readFormat(); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return d, nil
}

func (d *data) readFormat() error {
	b, err := os.ReadFile(d.path("format.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if err := json.Unmarshal(b, &d.format); err != nil || d.format.Format < 1 {
		return fmt.Errorf("data folder: %s is damaged: restore it from your backup", d.path("format.json"))
	}
	if d.format.Format > dataFormat {
		return fmt.Errorf("data folder %s was written by a newer Thingward (format %d, this program knows %d): use that version, or restore a backup made with this one", d.dir, d.format.Format, dataFormat)
	}
	return nil
}

func (d *data) writeFormat() error {
	b, err := json.MarshalIndent(d.format, "", "  ")
	if err != nil {
		return err
	}
	return durable.WriteFile(d.path("format.json"), b, 0o600)
}

// begin marks a fresh folder as being set up. A folder with somebody else's files in it is refused.
func (d *data) begin(now time.Time) error {
	if d.format.Format != 0 {
		return nil
	}
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	for _, e := range entries {
		if e.Name() != "lock" {
			return fmt.Errorf("%s is not empty and no data folder of Thingward (it holds %s): choose another folder", d.dir, e.Name())
		}
	}
	d.format = format{Format: dataFormat, Deployment: id.New(), Created: now}
	return d.writeFormat()
}

// checkEngine refuses to start on another engine than the one that setup used, which happens when the database setting is
// forgotten: the server would begin an empty fleet beside the real one.
func (d *data) checkEngine(url string) error {
	scheme, _, _ := strings.Cut(databaseURL(d, url), ":")
	if scheme == "postgresql" {
		scheme = "postgres"
	}
	if d.format.Database != "" && d.format.Database != scheme {
		return fmt.Errorf("data folder %s was set up with %s, not %s: set database to the URL that setup was given (--database or THINGWARD_DATABASE)", d.dir, d.format.Database, scheme)
	}
	d.format.Database = scheme
	return nil
}

// key loads the folder's sealing key, making it during setup.
func (d *data) key(make bool) (sealed.Key, error) {
	path := d.path("keys", "seal.key")
	k, err := sealed.LoadKey(path)
	if make && errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return k, err
		}
		k = sealed.NewKey()
		return k, k.Save(path)
	}
	return k, err
}

func (d *data) close() error { return d.lock.Close() }
