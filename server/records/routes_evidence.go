package records

import (
	"context"
	"encoding/json"
	"mime"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

func (s *Service) evidenceRoutes(r *api.Router) {
	api.Post(r, "/records/{id}/evidence", access.RecordWrite, "evidence.added", api.Doc{
		Tag: tag, Summary: "Adds a file (application/octet-stream) or a link (application/json) to a draft", Status: 201, MaxBody: FileMost,
		Text: "A link is sent as {link, name?, sha256?}; the server never opens it.",
	}, s.postEvidence)
	api.Get(r, "/records/{id}/evidence/{eid}", access.RecordRead, api.Doc{Tag: tag, Summary: "Content of an evidence file, checked against its hash"}, s.getEvidence)
	api.Delete(r, "/records/{id}/evidence/{eid}", access.RecordWrite, "evidence.removed", api.Doc{Tag: tag, Summary: "Removes evidence from a draft", Status: 204}, s.deleteEvidence)
}

const linkBodyMost = 16 << 10

func (s *Service) postEvidence(ctx context.Context, in *struct {
	RecordRef
	Name        string `query:"name" maxLength:"240" doc:"Name of the file."`
	Media       string `query:"media" maxLength:"130" doc:"Media type of the file; application/octet-stream unless given."`
	ContentType string `header:"Content-Type"`
	RawBody     []byte `contentType:"application/octet-stream"`
},
) (*api.One[Evidence], error) {
	var e Evidence
	var err error
	if kind, _, _ := mime.ParseMediaType(in.ContentType); kind == "application/json" {
		e, err = s.postLink(ctx, in.ID, in.Name, in.RawBody)
	} else {
		e, err = s.Attach(ctx, in.ID, in.Name, in.Media, in.RawBody)
	}
	return &api.One[Evidence]{Body: e}, err
}

func (s *Service) postLink(ctx context.Context, record, name string, raw []byte) (Evidence, error) {
	var link struct {
		Link   string `json:"link"`
		Name   string `json:"name"`
		SHA256 string `json:"sha256"`
	}
	if len(raw) > linkBodyMost || json.Unmarshal(raw, &link) != nil {
		err := fleet.Invalid("link", `want a JSON object such as {"link": "https://…"}; a file is sent as application/octet-stream`)
		return Evidence{}, s.refused(ctx, "", "evidence", record, err)
	}
	if link.Name == "" {
		link.Name = name
	}
	return s.AttachLink(ctx, record, link.Name, link.Link, link.SHA256)
}

type evidenceRef struct {
	ID  string `path:"id" maxLength:"80" doc:"Id of a record."`
	EID string `path:"eid" maxLength:"80" doc:"Id of its evidence."`
}

// getEvidence hands a file out as a download that no browser will run, whatever its author calls it.
func (s *Service) getEvidence(ctx context.Context, in *evidenceRef) (*huma.StreamResponse, error) {
	e, content, err := s.File(ctx, in.ID, in.EID)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", e.Media)
		hc.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": strings.ToValidUTF8(e.Name, "_")}))
		hc.SetHeader("Content-Security-Policy", "sandbox; default-src 'none'")
		hc.SetHeader("X-Content-Type-Options", "nosniff")
		hc.SetHeader("Digest", "sha-256="+e.SHA256)
		_, _ = hc.BodyWriter().Write(content) // the client has gone; there is nobody to tell
	}}, nil
}

func (s *Service) deleteEvidence(ctx context.Context, in *evidenceRef) (*api.Nothing, error) {
	return nil, s.Remove(ctx, in.ID, in.EID)
}
