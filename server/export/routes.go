package export

import (
	"context"
	"io"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

const tag = "Exports"

// Routes registers the exports.
func (s *Service) Routes(r *api.Router) {
	api.Post(r, "/exports", access.ExportCreate, "export.created", api.Doc{
		Tag: tag, Summary: "Ask for an export pack", Status: http.StatusAccepted, MaxBody: 64 << 10,
		Text: "The pack is made in the background; its progress is under /exports/{id}. Everything in it is read at one moment. Packs of those who may read the audit log carry the log's entries in their proofs.",
	}, func(ctx context.Context, in *orderInput) (*api.One[Job], error) {
		p, _ := access.From(ctx)
		return one(s.Ask(ctx, in.Body, r.Policy.Decide(ctx, p, access.AuditRead, access.Resource{}).Allowed))
	})
	api.Get(r, "/exports", access.ControlRead, api.Doc{Tag: tag, Summary: "List exports, newest first"}, s.getJobs)
	api.Get(r, "/exports/{id}", access.ControlRead, api.Doc{Tag: tag, Summary: "Show an export, its progress and its files"}, s.getJob)
	api.Get(r, "/exports/{id}/files/{name}", access.ExportCreate, api.Doc{Tag: tag, Summary: "Fetch a file of an export", Text: "pack.zip holds them all with manifest.json. Each fetch is in the audit log. A pack that carries the log's entries is for those who may read the log."}, func(ctx context.Context, in *fileRef) (*huma.StreamResponse, error) {
		return s.getFile(ctx, in, r.Allow)
	})
}

type orderInput struct{ Body Order }

func (s *Service) getJobs(ctx context.Context, in *api.PageInput) (*api.List[Job], error) {
	before := ""
	if keys, ok, err := api.ParseCursor(in.After, 1); err != nil {
		return nil, err
	} else if ok {
		before = keys[0]
	}
	list, err := s.jobs(ctx, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	for i := range list {
		s.progress(&list[i])
	}
	return api.NewList(list, in.Limit, nil, func(j Job) string { return api.Cursor(j.ID) }), nil
}

type jobRef struct {
	ID string `path:"id" maxLength:"64"`
}

func (s *Service) getJob(ctx context.Context, in *jobRef) (*api.One[Job], error) {
	return one(s.Job(ctx, in.ID))
}

type fileRef struct {
	ID   string `path:"id" maxLength:"64"`
	Name string `path:"name" maxLength:"128"`
}

func (s *Service) getFile(ctx context.Context, in *fileRef, allow func(context.Context, access.Permission, access.Resource) error) (*huma.StreamResponse, error) {
	j, err := s.readJob(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if j.bodies {
		if err := allow(ctx, access.AuditRead, access.Resource{Kind: "export", ID: j.ID}); err != nil {
			return nil, err
		}
	}
	meta, f, err := s.Open(ctx, in.ID, in.Name)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer func() { _ = f.Close() }() // it was only read
		_, w := humago.Unwrap(hc)
		w.Header().Set("Content-Type", meta.Media)
		w.Header().Set("Content-Length", strconv.FormatInt(meta.Size, 10))
		w.Header().Set("Content-Disposition", `attachment; filename="`+meta.Name+`"`)
		w.Header().Set("X-Content-Sha256", meta.SHA256)
		if _, err := io.Copy(w, f); err != nil {
			s.Log.Info("export not fetched whole", "export", in.ID, "file", meta.Name, "error", err)
			panic(http.ErrAbortHandler)
		}
	}}, nil
}

func one(j Job, err error) (*api.One[Job], error) {
	if err != nil {
		return nil, err
	}
	return &api.One[Job]{Body: j}, nil
}
