package export

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

const jobColumns = "id, state, formats, scope, at, engagement, bodies, created, by_name, ended, expires, reason, files, checkpoint, figures, attempts, node, moment, progress FROM export_job"

func scanJob(row interface{ Scan(...any) error }) (j Job, err error) {
	var formats, scope, files, checkpoint, figures, progress string
	var at, created, ended, expires, fixed int64
	if err := row.Scan(&j.ID, &j.State, &formats, &scope, &at, &j.Order.Engagement, &j.bodies, &created, &j.By, &ended, &expires, &j.Reason, &files, &checkpoint, &figures, &j.attempts, &j.node, &fixed, &progress); err != nil {
		return j, err
	}
	j.moment = moment(fixed)
	j.Created, j.Ended, j.Expires, j.Order.At = store.FromTime(created), moment(ended), moment(expires), moment(at)
	err = errors.Join(json.Unmarshal([]byte(formats), &j.Order.Formats), json.Unmarshal([]byte(scope), &j.Order.Scope), json.Unmarshal([]byte(files), &j.Files))
	if checkpoint != "" {
		err = errors.Join(err, json.Unmarshal([]byte(checkpoint), &j.Checkpoint))
	}
	if figures != "" {
		err = errors.Join(err, json.Unmarshal([]byte(figures), &j.Figures))
	}
	if progress != "" {
		err = errors.Join(err, json.Unmarshal([]byte(progress), &j.Progress))
	}
	return j, err
}

func moment(us int64) *time.Time {
	if us == 0 {
		return nil
	}
	t := store.FromTime(us)
	return &t
}

func micros(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return store.Time(*t)
}

func text(v any) string {
	b, _ := json.Marshal(v) // plain values always marshal
	return string(b)
}

func insertJob(tx *store.Tx, j Job, by fleet.Party) error {
	_, err := tx.Exec(`INSERT INTO export_job (id, state, formats, scope, at, engagement, bodies, created, by_id, by_name, ended, expires, reason, files, checkpoint, figures)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, '', '[]', '', '')`,
		j.ID, j.State, text(j.Order.Formats), text(j.Order.Scope), micros(j.Order.At), j.Order.Engagement, j.bodies, store.Time(j.Created), by.ID, by.Name)
	return err
}

func (s *Service) readJob(ctx context.Context, ref string) (Job, error) {
	j, err := scanJob(s.DB.QueryRow(ctx, "SELECT "+jobColumns+" WHERE id = ?", ref))
	if store.IsNoRows(err) {
		return j, fleet.Errorf(fleet.CodeNotFound, "there is no such export: thingward export list shows them")
	}
	return j, err
}

// jobs reads jobs, newest first, from before the given one.
func (s *Service) jobs(ctx context.Context, before string, limit int) ([]Job, error) {
	rows, err := s.DB.Query(ctx, "SELECT "+jobColumns+" WHERE (? = '' OR id < ?) ORDER BY id DESC LIMIT ?", before, before, limit)
	if err != nil {
		return nil, err
	}
	return collect(rows)
}

func collect(rows *sql.Rows) (out []Job, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		j, err := scanJob(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, j)
	}
	return out, rows.Err()
}

// oldest is the job that waits longest; ok is false when none waits.
func (s *Service) oldest(ctx context.Context) (j Job, ok bool, err error) {
	j, err = scanJob(s.DB.QueryRow(ctx, "SELECT "+jobColumns+" WHERE state = ? ORDER BY id LIMIT 1", queued))
	if store.IsNoRows(err) {
		return j, false, nil
	}
	return j, err == nil, err
}

func (s *Service) setDone(ctx context.Context, j Job) error {
	now := s.Clock.Now()
	return s.DB.Keep(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec("UPDATE export_job SET state = ?, ended = ?, expires = ?, files = ?, checkpoint = ?, figures = ? WHERE id = ? AND state = ? AND node = ?",
			done, store.Time(now), store.Time(now.Add(s.Kept)), text(j.Files), text(j.Checkpoint), text(j.Figures), j.ID, running, s.node)
		if err == nil && n != 1 {
			err = errTaken
		}
		return err
	})
}
