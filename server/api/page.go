package api

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/thingward/thingward/fleet"
)

// PageInput is embedded in the input of every list.
type PageInput struct {
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"Most items to return."`
	After string `query:"after" maxLength:"1024" doc:"The cursor that the previous page gave as next."`
}

// Page is a part of a list. Next, if not empty, is the cursor of the next part. Total counts the whole list where that is
// cheap to know.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
	Total *int   `json:"total,omitempty"`
}

// List is the output of every list.
type List[T any] struct{ Body Page[T] }

// One is the output of a route that returns one thing; ETag is its version where it has one.
type One[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

// Nothing is the output of a route that returns no body (204).
type Nothing struct{}

// NewList puts a page together; items may be nil. It asks for one more than the limit was read: when items is longer than
// limit, the surplus is cut and cursor(last kept item) becomes Next.
func NewList[T any](items []T, limit int, total *int, cursor func(T) string) *List[T] {
	l := &List[T]{Body: Page[T]{Items: items, Total: total}}
	if l.Body.Items == nil {
		l.Body.Items = []T{}
	}
	if len(items) > limit {
		l.Body.Items = items[:limit]
		l.Body.Next = cursor(items[limit-1])
	}
	return l
}

// Cursor packs the sort keys of the last item of a page.
func Cursor(keys ...string) string {
	b, _ := json.Marshal(keys) // strings always marshal
	return base64.RawURLEncoding.EncodeToString(b)
}

// ParseCursor unpacks n sort keys; an empty cursor gives ok false and no error (the first page).
func ParseCursor(cursor string, n int) (keys []string, ok bool, err error) {
	if cursor == "" {
		return nil, false, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(b, &keys)
	}
	if err != nil || len(keys) != n {
		return nil, false, fleet.Invalid("after", "is no cursor of this list: leave it out to begin at the first page")
	}
	return keys, true, nil
}

// ETag is the entity tag of a version.
func ETag(version int64) string { return fmt.Sprintf(`"%d"`, version) }

// CheckMatch refuses (412) when ifMatch is given and names another version than the present one.
func CheckMatch(ifMatch string, version int64) error {
	if ifMatch == "" || ifMatch == "*" {
		return nil
	}
	for tag := range strings.SplitSeq(ifMatch, ",") {
		if strings.TrimPrefix(strings.TrimSpace(tag), "W/") == ETag(version) {
			return nil
		}
	}
	return &Problem{
		Type: "urn:thingward:problem:conflict", Title: http.StatusText(http.StatusPreconditionFailed), Status: http.StatusPreconditionFailed, Code: fleet.CodeConflict,
		Detail: "it was changed by someone else meanwhile: read it again and repeat your change",
	}
}
