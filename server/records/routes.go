package records

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

const (
	tag         = "Records"
	tagRegister = "Register"
)

// Routes registers the records' part of the API.
func (s *Service) Routes(r *api.Router) {
	s.live = r.Live
	api.Get(r, "/record-kinds", access.RecordRead, api.Doc{Tag: tag, Summary: "Lists the kinds of record with their forms"}, s.listKinds)
	api.Get(r, "/record-kinds/{name}", access.RecordRead, api.Doc{Tag: tag, Summary: "One kind, with its JSON Schema"}, s.getKind)
	api.Get(r, "/records", access.RecordRead, api.Doc{Tag: tag, Summary: "Lists records"}, s.listRecords)
	api.Post(r, "/records", access.RecordWrite, "record.drafted", api.Doc{Tag: tag, Summary: "Begins a draft", Status: 201}, s.postRecord)
	api.Get(r, "/records/export", access.RecordRead, api.Doc{Tag: tag, Summary: "All records, or those of one kind, with their hashes"}, s.getExport)
	api.Post(r, "/records/import", access.RecordWrite, "record.drafted", api.Doc{Tag: tag, Summary: "Makes drafts of an exported file, all or none", MaxBody: ImportMost, Text: "The body is the JSON of an export; any content type will do."}, s.postImport)
	api.Get(r, "/records/{id}", access.RecordRead, api.Doc{Tag: tag, Summary: "One record with its acknowledgements, items and versions; of an open one what it lacks"}, s.getRecord)
	api.Put(r, "/records/{id}", access.RecordWrite, "record.changed", api.Doc{Tag: tag, Summary: "Replaces the form and owner of a draft"}, s.putRecord)
	s.stepRoute(r, "submit", access.RecordWrite, "record.submitted", "Submits a draft for approval", s.Submit)
	s.stepRoute(r, "approve", access.RecordApprove, "record.approved", "Approves a submitted record that others wrote", s.Approve)
	s.stepRoute(r, "reject", access.RecordApprove, "record.rejected", "Sends a submitted record back", s.Reject)
	s.stepRoute(r, "withdraw", access.RecordWrite, "record.withdrawn", "Ends a record or draft that shall not count", s.Withdraw)
	s.stepRoute(r, "acknowledge", access.SelfWrite, "record.acknowledged", "Notes that the caller has read the record in force", s.Acknowledge)
	s.evidenceRoutes(r)
	s.dutyRoutes(r)
	s.registerRoutes(r)
}

func (s *Service) listKinds(context.Context, *struct{}) (*api.List[KindInfo], error) {
	all := s.KindInfos()
	n := len(all)
	return &api.List[KindInfo]{Body: api.Page[KindInfo]{Items: all, Total: &n}}, nil
}

func (s *Service) getKind(_ context.Context, in *struct {
	Name string `path:"name" maxLength:"80"`
},
) (*api.One[KindInfo], error) {
	k, err := s.KindInfo(in.Name)
	return &api.One[KindInfo]{Body: k}, err
}

type listRecordsInput struct {
	api.PageInput
	Kind     string `query:"kind" maxLength:"80"`
	State    string `query:"state" enum:"draft,submitted,approved,rejected,superseded,withdrawn"`
	Object   string `query:"object" maxLength:"200" doc:"Id or name of what it is about."`
	System   string `query:"system" maxLength:"120"`
	Site     string `query:"site" maxLength:"120"`
	Owner    string `query:"owner" maxLength:"120"`
	Expiring int    `query:"expiring" minimum:"0" maximum:"3650" doc:"Only those in force that end within so many days, or have ended."`
	Query    string `query:"q" maxLength:"120" doc:"Words in the object's name, the kind or the form."`
	Sort     string `query:"sort" maxLength:"20" default:"-changed" doc:"changed, created or expires; a leading - turns it round."`
}

func (s *Service) listRecords(ctx context.Context, in *listRecordsInput) (*api.List[Listed], error) {
	page, err := s.List(ctx, Filter{
		Kind: in.Kind, State: in.State, Object: in.Object, System: in.System, Site: in.Site, Owner: in.Owner, Query: in.Query,
		Expiring: in.Expiring, Sort: in.Sort, Limit: in.Limit, After: in.After,
	})
	return &api.List[Listed]{Body: page}, err
}

func one(r Record, err error) (*api.One[Record], error) {
	if err != nil {
		return nil, err
	}
	return &api.One[Record]{ETag: api.ETag(int64(r.ETag)), Body: r}, nil
}

func (s *Service) postRecord(ctx context.Context, in *struct{ Body Start }) (*api.One[Record], error) {
	return one(s.Create(ctx, in.Body))
}

// RecordRef names a record in a path.
type RecordRef struct {
	ID string `path:"id" maxLength:"80" doc:"Id of a record."`
}

func (s *Service) getRecord(ctx context.Context, in *RecordRef) (*api.One[Detail], error) {
	d, err := s.Get(ctx, in.ID)
	return &api.One[Detail]{ETag: api.ETag(int64(d.ETag)), Body: d}, err
}

func (s *Service) putRecord(ctx context.Context, in *struct {
	RecordRef
	IfMatch string `header:"If-Match" doc:"The ETag of the version that was read; 412 when it has changed since."`
	Body    struct {
		Owner string `json:"owner,omitempty" doc:"Account name of who must renew it; stays unless given."`
		Body  Body   `json:"body"`
	}
},
) (*api.One[Record], error) {
	return one(s.Change(ctx, in.ID, in.IfMatch, in.Body.Owner, in.Body.Body))
}

type stepFunc func(ctx context.Context, record string, in Step) (Record, error)

func (s *Service) stepRoute(r *api.Router, verb string, need access.Permission, audits api.Audits, summary string, do stepFunc) {
	api.Post(r, "/records/{id}/"+verb, need, audits, api.Doc{Tag: tag, Summary: summary}, func(ctx context.Context, in *struct {
		RecordRef
		Body Step
	},
	) (*api.One[Record], error) {
		return one(do(ctx, in.ID, in.Body))
	})
}

func (s *Service) getExport(ctx context.Context, in *struct {
	Kind string `query:"kind" maxLength:"80"`
},
) (*huma.StreamResponse, error) {
	if in.Kind != "" {
		if _, ok := s.kinds[in.Kind]; !ok {
			return nil, fleet.Invalid("kind", "there is no kind of record "+quoted(in.Kind))
		}
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", "application/json")
		hc.SetHeader("Content-Disposition", `attachment; filename="records.json"`)
		if err := s.Export(ctx, in.Kind, hc.BodyWriter()); err != nil { // the reader sees JSON without an end
			s.Log.Error("an export of records broke off", "error", err)
		}
	}}, nil
}

func (s *Service) postImport(ctx context.Context, in *struct {
	DryRun  bool   `query:"dryRun" doc:"Check only."`
	RawBody []byte `contentType:"application/octet-stream"`
},
) (*api.One[Imported], error) {
	out, err := s.Import(ctx, in.RawBody, in.DryRun)
	return &api.One[Imported]{Body: out}, err
}
