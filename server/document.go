package server

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"github.com/danielgtaylor/huma/v2"

	"github.com/thingward/thingward/server/detect"
	"github.com/thingward/thingward/server/detect/rules"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/catalogue"
)

// WriteEvents writes the reference of event types and rules.
func WriteEvents(w io.Writer) error {
	return errors.Join(detect.EventMarkdown(w), detect.RuleMarkdown(w, rules.All()))
}

// WriteControls writes the reference of controls: what evaluates each, and what is missing.
func WriteControls(w io.Writer) error {
	cat, err := catalogue.Load()
	if err != nil {
		return err
	}
	return errors.Join(posture.Markdown(w, cat, checks(), gates()), cat.Markdown(w))
}

// OpenAPI is the document of every route. It opens a server over a fresh folder, because only an open server has them all.
func OpenAPI(ctx context.Context, dir string) (*huma.OpenAPI, error) {
	if err := Setup(ctx, SetupOptions{Data: dir, Admin: "openapi", Password: "seven-quiet-lamps-drift-91", Organisation: "Thingward"}); err != nil {
		return nil, err
	}
	c := Default()
	c.Data, c.AllowRoot = dir, true
	for _, a := range []*string{&c.HTTPS, &c.MQTTS, &c.COAPS, &c.OCSP, &c.OPS} {
		*a = "127.0.0.1:0"
	}
	s, err := Open(ctx, c, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	doc := s.api.OpenAPI()
	doc.Info.Version = "1" // the document changes with the routes, not with each build
	return doc, s.close()
}
